using System.Collections;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The agents of a shard by number, from 0. While a state is being captured, an agent is written down before it is handed out by its number, and so before
/// it changes. Whoever goes through all of them only looks, or calls <see cref="FinishCapture"/> first.
/// </summary>
internal sealed class AgentTable : IReadOnlyCollection<AgentEntry>
{
    private readonly List<AgentEntry> entries = [];
    private CapturedAgents? capture;

    public int Count => entries.Count;

    public AgentEntry this[int number]
    {
        get
        {
            var entry = entries[number];
            Before(entry);
            return entry;
        }
    }

    /// <summary>Before an agent changes that was not handed out just now.</summary>
    public void Before(AgentEntry entry) => capture?.Before(entry);

    public void Add(AgentEntry entry) => entries.Add(entry);

    public bool Exists(Predicate<AgentEntry> match) => entries.Exists(match);

    /// <summary>Whether a capture is not complete.</summary>
    public bool IsCapturing => capture is not null;

    /// <summary>Begins to write all of them down as they are now. One capture that is not finished is finished first.</summary>
    public CapturedAgents Capture()
    {
        FinishCapture();
        return capture = new CapturedAgents(entries);
    }

    /// <summary>Goes on with the capture, if there is one.</summary>
    /// <param name="agents">How many agents to write down.</param>
    public void ContinueCapture(int agents)
    {
        if (capture is null) return;
        capture.Continue(agents);
        if (capture.IsComplete) capture = null;
    }

    public void FinishCapture() => ContinueCapture(int.MaxValue);

    public IEnumerator<AgentEntry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
