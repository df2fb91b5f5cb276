using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>Says when an agent is to be saved: after so many turns, so many bytes of events or so much time, whichever comes first.</summary>
/// <param name="agent">The agent's definition.</param>
public sealed class SnapshotPolicy(AgentDefinition agent)
{
    private long bytes;

    /// <summary>Successful turns since the last image.</summary>
    public long Turns { get; private set; }

    /// <summary>Whether there is something to save.</summary>
    public bool HasNews => Turns > 0;

    /// <summary>Counts a successful turn.</summary>
    public void Count(MeshEvent input)
    {
        Turns++;
        bytes += input.Data.Length;
    }

    /// <summary>Counts turns that were run again.</summary>
    public void CountRepeated(long turns) => Turns += turns;

    /// <summary>Whether it is time.</summary>
    /// <param name="sinceImage">Time since the last image, or since the agent is awake.</param>
    public bool IsDue(TimeSpan sinceImage) =>
        HasNews && (Turns >= agent.SnapshotEveryTurns || bytes >= agent.SnapshotEveryBytes || (agent.SnapshotEvery is { } every && sinceImage >= every));

    /// <summary>Notes that an image was taken.</summary>
    public void Saved() => (Turns, bytes) = (0, 0);
}
