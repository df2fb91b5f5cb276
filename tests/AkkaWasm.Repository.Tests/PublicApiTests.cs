using System.Reflection;
using System.Text;

namespace AkkaWasm.Repository.Tests;

/// <summary>
/// The public surface of each library stands as text beside this test and changes only by hand: run the tests with
/// AKKAWASM_APPROVE_API=1 to write it anew, then read the difference.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("AkkaWasm.Mesh")]
    [InlineData("AkkaWasm.Wasm")]
    [InlineData("AkkaWasm.Actors")]
    public void The_public_surface_is_the_approved_one(string project)
    {
        var file = Path.Combine(Repository.Root, "tests", "AkkaWasm.Repository.Tests", "Api", project + ".txt");
        var actual = Describe(Assembly.Load(project));
        if (Environment.GetEnvironmentVariable("AKKAWASM_APPROVE_API") == "1") File.WriteAllText(file, actual);
        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.FullName).Append('\n');
            var members = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(m => m is not Type && !IsNoise(type, m)).Select(m => $"  {m}").Order(StringComparer.Ordinal);
            foreach (var member in members) text.Append(member).Append('\n');
        }
        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsInterface: true } => "interface",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        _ => "class",
    };

    private static bool IsNoise(Type type, MemberInfo member) => member switch
    {
        MethodBase { IsSpecialName: true } and not ConstructorInfo => true,
        FieldInfo { Name: "value__" } => true,
        MethodInfo { Name: "<Clone>$" or "PrintMembers" or "Equals" or "GetHashCode" or "ToString" or "Deconstruct" } => type.GetMethod("<Clone>$") is not null || type.IsValueType,
        _ => false,
    };
}
