using System.Reflection;
using Xunit.Sdk;

namespace AkkaWasm.Process.Tests;

/// <summary>Runs a theory with the example in that language. Skipped if its module has to be built and was not; in CI that is a failure.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ExampleAttribute : DataAttribute
{
    private readonly string language;

    public ExampleAttribute(string language)
    {
        this.language = language;
        Skip = Example.Of(language).Obstacle;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[language]];
}
