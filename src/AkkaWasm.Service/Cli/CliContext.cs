using AkkaWasm.Actors;

namespace AkkaWasm.Service.Cli;

/// <summary>What a verb has around it: streams, terminal, environment. A test brings its own.</summary>
internal sealed record CliContext
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public Func<Stream> OpenIn { get; init; } = () => Stream.Null;

    /// <summary>The output stream for bytes; what was written to <see cref="Out"/> before comes first.</summary>
    public Func<Stream> OpenOut { get; init; } = () => Stream.Null;

    /// <summary>The error stream for bytes.</summary>
    public Func<Stream> OpenError { get; init; } = () => Stream.Null;

    public bool IsInTerminal { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal that a person looks at.</summary>
    public bool IsOutTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>Starts a node.</summary>
    public required Func<MeshNodeOptions, CancellationToken, Task<IMeshNode>> StartNode { get; init; }

    /// <summary>Opens a log without a node.</summary>
    public required Func<LogLocation, IOfflineLog> OpenLog { get; init; }

    public Func<string, string?> Environment { get; init; } = _ => null;

    public static CliContext OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OpenIn = Console.OpenStandardInput,
        OpenOut = Console.OpenStandardOutput,
        OpenError = Console.OpenStandardError,
        IsInTerminal = !Console.IsInputRedirected,
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        StartNode = async (options, cancellation) => await MeshNode.StartAsync(options, cancellation),
        OpenLog = OfflineLog.Open,
        Environment = System.Environment.GetEnvironmentVariable,
    };
}
