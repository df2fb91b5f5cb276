using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Turns;

/// <summary>Why a turn failed. The numbers are part of the log's format.</summary>
public enum FaultKind : byte
{
    /// <summary>A trap of WebAssembly: unreachable, out of bounds, division by zero, … Happens again on the same event in the same state.</summary>
    Trap = 1,

    /// <summary>A WebAssembly exception that nobody caught.</summary>
    UncaughtException = 2,

    /// <summary><c>mesh_handle</c> or <c>mesh_init</c> returned something other than 0.</summary>
    Status = 3,

    /// <summary>The guest called <c>mesh_v1.fail</c>.</summary>
    Failed = 4,

    /// <summary>The deadline passed. Depends on the host's load.</summary>
    Deadline = 5,

    /// <summary>The fuel of the turn was used up.</summary>
    Fuel = 6,

    /// <summary>A limit on what a guest may hold or emit.</summary>
    Limit = 7,

    /// <summary>The guest did what its capabilities do not allow.</summary>
    Capability = 8,

    /// <summary>The guest gave a host function an argument that cannot be served: an illegal topic, a range outside its memory.</summary>
    BadArgument = 9,

    /// <summary>The host could not serve the guest. Depends on the host.</summary>
    Operating = 10,
}

/// <summary>The failure of a turn.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Code">A stable word within the kind, kebab-case: <c>unreachable</c>, <c>memory-out-of-bounds</c>.</param>
/// <param name="Message">One sentence.</param>
/// <param name="BackTrace">The functions on the stack, innermost first; empty where there is none.</param>
public sealed record GuestFault(FaultKind Kind, string Code, string Message, ImmutableArray<string> BackTrace)
{
    /// <summary>Longest message that is recorded, characters; a guest may give any.</summary>
    public const int MaxMessageLength = 4_096;

    /// <summary>Most frames of a back-trace that are recorded.</summary>
    public const int MaxFrames = 100;

    /// <summary>Code of <see cref="FaultKind.Operating"/>: the host had no memory for a guest, or for a growth that its limits allow.</summary>
    public const string HostOutOfMemory = "host-out-of-memory";

    /// <summary>Code of <see cref="FaultKind.Limit"/>: the GC heap was full.</summary>
    public const string GcHeapOutOfMemory = "gc-heap-out-of-memory";

    /// <summary>Code of <see cref="FaultKind.Operating"/>: an operator asked for the failure.</summary>
    public const string Simulated = "simulated";

    /// <summary>Code of <see cref="FaultKind.Failed"/>: the state of an agent could not be moved to another definition.</summary>
    public const string StateRefused = "state-refused";

    /// <summary>Code of <see cref="FaultKind.Limit"/>: a rule put the event aside without its having been tried, because too many waited.</summary>
    public const string Shed = "shed";

    /// <summary>An event was shed.</summary>
    /// <param name="rule">Name of the rule that says so.</param>
    public static GuestFault OfShed(string rule) => new(FaultKind.Limit, Shed, $"The event was shed by the rule '{rule}', because too many waited; it was not tried.");

    /// <summary>The module lacks a function that its state was to be moved by.</summary>
    /// <param name="function">Name of the export.</param>
    public static GuestFault CannotMove(string function) => new(FaultKind.Failed, StateRefused, $"The module exports no function '{function}', by which the state was to be moved.");

    /// <summary>A fault without a back-trace.</summary>
    public GuestFault(FaultKind kind, string code, string message) : this(kind, code, message, []) { }

    /// <summary>Whether it may go away by itself, because it depends on the host rather than on event and state.</summary>
    public bool DependsOnHost => Kind is FaultKind.Deadline or FaultKind.Operating;

    /// <summary>The fault as far as it is recorded.</summary>
    internal GuestFault Clipped() => Message.Length <= MaxMessageLength && BackTrace.Length <= MaxFrames
        ? this
        : this with { Message = Message[..Math.Min(Message.Length, MaxMessageLength)], BackTrace = [.. BackTrace.Take(MaxFrames)] };
}

/// <summary>Ends a turn from inside a host function. An engine turns it into a trap and hands the fault to the mesh.</summary>
/// <param name="fault">What went wrong.</param>
public sealed class GuestFaultException(GuestFault fault) : Exception(fault.Message)
{
    /// <summary>What went wrong.</summary>
    public GuestFault Fault { get; } = fault;
}
