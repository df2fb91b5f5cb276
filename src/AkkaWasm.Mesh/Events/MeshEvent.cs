using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Events;

/// <summary>
/// An event: the attributes of CloudEvents 1.0 plus its place in the log and what caused it. Attributes that follow from the
/// place (the id and source of what an agent emitted) are derived by <see cref="EventIdentity"/> and not stored.
/// </summary>
public sealed record MeshEvent
{
    /// <summary>The subject of a time-out, by which it is told from a timer.</summary>
    public const string TimeoutSubject = "timeout";

    /// <summary>The correlation of a dead letter that holds an event which was emitted and not delivered, and so stands in quarantine itself.</summary>
    public const long Undelivered = -1;

    /// <summary>The extension attribute of a released event that holds the topic of the one whose place it takes.</summary>
    internal const string OriginalType = "originaltype";

    /// <summary>The topic, in CloudEvents' terms the <c>type</c>: dotted, <c>quake.alaska</c>.</summary>
    public required string Topic { get; init; }

    /// <summary>CloudEvents <c>id</c>; null where it is derived.</summary>
    public string? Id { get; init; }

    /// <summary>CloudEvents <c>source</c>; null where it is derived.</summary>
    public string? Source { get; init; }

    /// <summary>CloudEvents <c>subject</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents <c>time</c> as it was given (RFC 3339); an attribute only, never the clock of a guest.</summary>
    public string? Time { get; init; }

    /// <summary>CloudEvents <c>datacontenttype</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>W3C <c>traceparent</c>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Further CloudEvents extension attributes, in the order given.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Extensions { get; init; } = [];

    /// <summary>The payload; may be empty.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>How it came to be.</summary>
    public EventOrigin Origin { get; init; }

    /// <summary>Number of the agent that emitted it or that it is about, or -1.</summary>
    public int Agent { get; init; } = -1;

    /// <summary>Incarnation of <see cref="Agent"/> that emitted it.</summary>
    public int Incarnation { get; init; }

    /// <summary>Which of the emitted events of its turn it is, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Ties a reply or a time-out to its request, a fired timer to its timer; 0 otherwise.</summary>
    public long Correlation { get; init; }

    /// <summary>Offset of the record that caused it, or <see cref="Position.None"/>.</summary>
    public long Cause { get; init; } = Position.None;

    /// <summary>How many causes stand behind it; 0 for what came from outside.</summary>
    public int Depth { get; init; }

    /// <summary>Its offset in the log, <see cref="Position.None"/> before it is appended.</summary>
    public long Offset { get; internal set; } = Position.None;

    /// <summary>Epoch of the shard that appended it.</summary>
    public int Epoch { get; internal set; }

    /// <summary>When it was appended, nanoseconds since the Unix epoch, stamped by the sequencer, never falling in a shard.</summary>
    public long AppendedAtNs { get; internal set; }

    /// <summary>About how much room it takes in memory, bytes.</summary>
    internal int Weight => 160 + Data.Length + 2 * (Topic.Length + (Id?.Length ?? 0) + (Subject?.Length ?? 0));
}
