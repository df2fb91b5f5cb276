namespace AkkaWasm.Service.Configuration;

/// <summary>A configuration that cannot be used. Each problem is one sentence: what, where (file, line, column), what to do.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> problems, Exception? inner = null) : Exception(string.Join(Environment.NewLine, problems), inner)
{
    public ConfigurationException(string problem, Exception? inner = null) : this([problem], inner)
    {
    }

    /// <summary>One or more, in the order in which they stand in the configuration.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
