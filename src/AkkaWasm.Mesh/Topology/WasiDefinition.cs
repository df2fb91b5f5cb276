using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>How a module is an agent. The numbers are part of the log's format.</summary>
public enum AgentKind : byte
{
    /// <summary>
    /// What the module's exports say: with <c>mesh_handle</c> and <c>_initialize</c> a reactor, with <c>mesh_handle</c> alone a mesh agent, with
    /// <c>_start</c> and without <c>mesh_handle</c> a command.
    /// </summary>
    Inspected = 0,

    /// <summary><c>mesh_handle</c> is called for every event; turn 0 calls <c>mesh_init</c> if there is one.</summary>
    Mesh = 1,

    /// <summary>A WASI program: <c>_start</c> runs once for every event in a fresh instance, or over all events if its input loops.</summary>
    WasiCommand = 2,

    /// <summary>A WASI library: turn 0 calls <c>_initialize</c>, then it is as <see cref="Mesh"/>.</summary>
    WasiReactor = 3,
}

/// <summary>What a guest finds that imports <c>wasi_snapshot_preview1</c>, of whichever kind it is.</summary>
public sealed record WasiDefinition
{
    /// <summary>No arguments, no variables, no folders; output goes to the log.</summary>
    public static WasiDefinition Default { get; } = new();

    /// <summary>Arguments behind the program's name, which is that of the agent.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Variables of the environment, besides those that the mesh sets.</summary>
    public ImmutableArray<WasiVariable> Environment { get; init; } = [];

    /// <summary>
    /// Whether standard input goes on from event to event, and the program with it: it is put aside where it reads past the end of an event's data.
    /// For commands that can unwind their stack (Asyncify).
    /// </summary>
    public bool InputLoops { get; init; }

    /// <summary>The topic that each line of standard output is published to; null for the log.</summary>
    public string? OutputTopic { get; init; }

    /// <summary>Folders that it may read.</summary>
    public ImmutableArray<WasiPreopen> Preopens { get; init; } = [];

    /// <summary>What it may hold and do.</summary>
    public WasiProgramLimits Limits { get; init; } = WasiProgramLimits.Default;

    /// <summary>What a program sees of its definition and another one differs in; null if it sees the same.</summary>
    internal string? DifferenceSeen(WasiDefinition other)
    {
        if (!Arguments.SequenceEqual(other.Arguments)) return "list of arguments (wasi.args)";
        if (!Environment.SequenceEqual(other.Environment)) return "environment (wasi.env)";
        if (InputLoops != other.InputLoops) return "kind of input (wasi.stdin)";
        if (OutputTopic != other.OutputTopic) return "topic for its output (wasi.stdout)";
        if (!Preopens.Select(p => (p.Path, p.ContentHash)).SequenceEqual(other.Preopens.Select(p => (p.Path, p.ContentHash)))) return "content of its folders (wasi.preopens)";
        return Limits != other.Limits ? "limit on files and streams (wasi.limits)" : null;
    }
}

/// <summary>A variable of a program's environment.</summary>
/// <param name="Name">Its name, without <c>=</c>.</param>
/// <param name="Value">Its value.</param>
public sealed record WasiVariable(string Name, string Value);

/// <summary>A folder that a program may read.</summary>
/// <param name="Path">Where the program finds it, an absolute path other than <c>/</c>.</param>
/// <param name="ContentHash">SHA-256 of the folder's packed content, 64 hexadecimal digits.</param>
/// <param name="Folder">Where it was read from; for messages only.</param>
public sealed record WasiPreopen(string Path, string ContentHash, string Folder = "");

/// <summary>Limits of a program's files and streams. A program sees them as error codes, so that a repeated turn has to be given the same.</summary>
public sealed record WasiProgramLimits
{
    /// <summary>The defaults.</summary>
    public static WasiProgramLimits Default { get; } = new();

    /// <summary>Sizes of all files in memory together, bytes; 64 MiB.</summary>
    public long FileBytes { get; init; } = 64L << 20;

    /// <summary>Files, directories and symbolic links in memory; 10,000.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>Open descriptors, the standard streams and folders included; 256.</summary>
    public int OpenDescriptors { get; init; } = 256;

    /// <summary>A path, bytes; 4,096.</summary>
    public int PathBytes { get; init; } = 4_096;

    /// <summary>Components of a path; 256.</summary>
    public int PathDepth { get; init; } = 256;

    /// <summary>A line of standard output that is published, bytes; 1 MiB. A longer one fails the turn; one for the log is divided.</summary>
    public int LineBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that a turn may write to streams and files; 256 MiB.</summary>
    public long WrittenBytesPerTurn { get; init; } = 256L << 20;
}
