using System.Reflection;

namespace AkkaWasm.Repository.Tests;

public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["AkkaWasm.Mesh"] = [],
        ["AkkaWasm.Wasm"] = [],
        ["AkkaWasm.Actors"] = ["AkkaWasm.Mesh", "AkkaWasm.Wasm"],
        ["akkawasm"] = ["AkkaWasm.Actors", "AkkaWasm.Mesh", "AkkaWasm.Wasm"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_only_the_projects_below_it(string project)
    {
        var ours = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("AkkaWasm", StringComparison.Ordinal));
        Assert.Empty(ours.Except(Allowed[project]));
    }

    [Theory]
    [InlineData("AkkaWasm.Mesh", "Akka", "Wasmtime", "Microsoft.Data.Sqlite", "Serilog", "System.Net", "System.Threading.Thread")]
    [InlineData("AkkaWasm.Wasm", "Akka,", "Akka.", "Microsoft.Data.Sqlite", "Serilog", "System.Net")]
    public void A_leaf_knows_nothing_of_what_carries_it(string project, params string[] forbidden)
    {
        var references = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.FullName).ToList();
        Assert.DoesNotContain(references, r => forbidden.Any(f => r.StartsWith(f, StringComparison.Ordinal) && !r.StartsWith("AkkaWasm", StringComparison.Ordinal)));
    }
}
