namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// An agent asks by <c>mesh_v1.integrate</c> for a change of the topology. It is read and made once this is committed, and waits over restarts until it has a
/// <see cref="ChangeAnsweredRecord"/>.
/// </summary>
public sealed record ChangeAskedRecord : LogRecord
{
    /// <summary>Number of the agent.</summary>
    public required int Agent { get; init; }

    /// <summary>Incarnation of the agent.</summary>
    public required int Incarnation { get; init; }

    /// <summary>Offset of the event in whose turn it asked.</summary>
    public required long Input { get; init; }

    /// <summary>What the guest holds for it; the answer has the same.</summary>
    public required long Correlation { get; init; }

    /// <summary>Causal depth of that event.</summary>
    public int Depth { get; init; }

    /// <summary>W3C <c>traceparent</c> of that event, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What it asks for, as it wrote it.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }
}

/// <summary>
/// A change that an agent asked for is made or refused from here on. If it is made, that follows; the event that tells the agent is the last in the same append.
/// </summary>
/// <param name="Asked">Offset of the <see cref="ChangeAskedRecord"/>.</param>
public sealed record ChangeAnsweredRecord(long Asked) : LogRecord;
