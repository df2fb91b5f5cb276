namespace AkkaWasm.Service.Hocon;

/// <summary>What the reader may see besides the text: environment variables and folders for <c>classpath(…)</c>.</summary>
internal sealed record HoconReaderOptions
{
    public static HoconReaderOptions Default { get; } = new();

    /// <summary>
    /// Value of an environment variable, or null when it is not set. Asked for substitutions that the tree does not
    /// answer: <c>${NAME}</c> by its path as written with dots, <c>${NAME[]}</c> by <c>NAME_0</c>, <c>NAME_1</c>, ….
    /// </summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>
    /// Folders in which <c>include classpath("x")</c> is looked for, in this order; the first that has the file wins.
    /// A plain <c>include "x"</c> that is not found beside the including file is looked for here too. Empty by default.
    /// </summary>
    public IReadOnlyList<string> ResourceFolders { get; init; } = [];

    public HoconLimits Limits { get; init; } = HoconLimits.Default;
}
