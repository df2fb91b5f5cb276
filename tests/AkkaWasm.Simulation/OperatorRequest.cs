using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>Something that an operator asked for, and what came of it. It is its own ticket.</summary>
/// <param name="What">What it is, for messages.</param>
internal sealed class OperatorRequest(string what)
{
    public string What => what;

    /// <summary>Whom it is about, if one agent.</summary>
    public string? Agent { get; init; }

    /// <summary>How far an agent is to go back.</summary>
    public RewindTarget? Target { get; init; }

    /// <summary>The name of a fork.</summary>
    public string? Name { get; init; }

    /// <summary>The offset as of which an agent is forked, or the cut that the mesh is to go back to.</summary>
    public long? To { get; init; }

    /// <summary>Whether the sources go back with the mesh.</summary>
    public bool Sources { get; init; }

    /// <summary>Whether it is only looked.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether it is about the whole mesh.</summary>
    public bool IsOfMesh => Agent is null && To is not null;

    /// <summary>Called when the sources go back with the mesh: after which offset all up to which one is undone.</summary>
    public Action<long, long>? Begins { get; init; }

    /// <summary>Whether what comes of it is carried out at once, and not with the next input.</summary>
    public bool TakesEffect { get; init; }

    /// <summary>Offset of the last record that was read for it.</summary>
    public long ReadUpTo { get; set; } = -1;

    /// <summary>How often it was answered, or told that there will be no answer.</summary>
    public int Answers { get; private set; }

    /// <summary>Whether it was done, as was said.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether nobody can say what came of it.</summary>
    public bool IsUnknown { get; private set; }

    public void Answer(string? problem)
    {
        Answers++;
        IsDone |= problem is null;
    }

    public void Disappoint()
    {
        Answers++;
        IsUnknown = true;
    }
}
