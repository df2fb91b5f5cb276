using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Http;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Cli;

/// <summary>What the program's exit code says. The numbers are part of its interface.</summary>
internal enum ExitCode
{
    Done = 0,
    Failed = 1,
    BadInput = 2,
    CannotStart = 3,
    LogCorrupt = 4,
    TopologyConflict = 5,
    NoAnswer = 6,
    Internal = 70,
}

/// <summary>The exit codes in words, and which of them an exception leads to.</summary>
internal static class ExitCodes
{
    public static readonly (ExitCode Code, string Meaning)[] Table =
    [
        (ExitCode.Done, "done"),
        (ExitCode.Failed, "the work failed or the answer is no: verify found damage or a difference, a guest trapped, there is no such agent"),
        (ExitCode.BadInput, "bad usage, configuration or module"),
        (ExitCode.CannotStart, "the node cannot start or go on: data folder in use or not writable, port in use, database out of reach"),
        (ExitCode.LogCorrupt, "the log is corrupt"),
        (ExitCode.TopologyConflict, "the data folder belongs to a mesh that cannot become this one"),
        (ExitCode.NoAnswer, "no node answers, or it cannot answer now"),
        (ExitCode.Internal, "a fault of this program"),
    ];

    private static readonly Dictionary<NodeFailure, ExitCode> OfNodeFailures = new()
    {
        [NodeFailure.DataFolder] = ExitCode.CannotStart,
        [NodeFailure.Locked] = ExitCode.CannotStart,
        [NodeFailure.LogCorrupt] = ExitCode.LogCorrupt,
        [NodeFailure.TopologyConflict] = ExitCode.TopologyConflict,
        [NodeFailure.ModuleRefused] = ExitCode.BadInput,
        [NodeFailure.Configuration] = ExitCode.BadInput,
        [NodeFailure.Storage] = ExitCode.CannotStart,
        [NodeFailure.Source] = ExitCode.Failed,
        [NodeFailure.Ended] = ExitCode.Failed,
        [NodeFailure.Internal] = ExitCode.Internal,
    };

    public static ExitCode Of(Exception exception) => exception switch
    {
        CliException cli => cli.Code,
        HoconException or ConfigurationException or ModuleRefusedException => ExitCode.BadInput,
        LogCorruptException => ExitCode.LogCorrupt,
        MeshNodeException node => OfNodeFailures[node.Failure],
        WasmTrapException or ReplayDivergedException or LogBeginsLaterException => ExitCode.Failed,
        WasmEngineException or ListenException => ExitCode.CannotStart,
        _ => ExitCode.Internal,
    };
}

/// <summary>Ends a verb with an exit code and one sentence.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
internal sealed class CliException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Code { get; } = code;
}
