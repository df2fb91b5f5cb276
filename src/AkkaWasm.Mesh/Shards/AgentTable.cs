using System.Collections;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The agents of a shard by number, from 0. While a state is being captured, an agent is written down before it is handed out by its number, and so before
/// it changes. Whoever goes through all of them only looks, or calls <see cref="FinishCapture"/> first.
/// </summary>
internal sealed class AgentTable : IReadOnlyCollection<AgentEntry>
{
    private readonly List<AgentEntry> entries = [];
    private readonly Dictionary<string, List<AgentEntry>> byDefinition = new(StringComparer.Ordinal);
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

    public void Add(AgentEntry entry)
    {
        entries.Add(entry);
        if (!byDefinition.TryGetValue(entry.DefinitionName, out var some)) byDefinition[entry.DefinitionName] = some = [];
        some.Add(entry);
    }

    /// <summary>The definitions of agents get other names.</summary>
    /// <param name="names">The names to come, by those until now.</param>
    public void Rename(IReadOnlyDictionary<string, string> names)
    {
        AgentEntry[] concerned = [.. Of(names.Keys)];
        foreach (var from in names.Keys) byDefinition.Remove(from);
        foreach (var some in concerned.GroupBy(entry => names[entry.DefinitionName], StringComparer.Ordinal).ToArray())
        {
            byDefinition[some.Key] = [.. Of(some.Key).Concat(some).OrderBy(entry => entry.Number)];
            foreach (var entry in some) entry.DefinitionName = some.Key;
        }
    }

    /// <summary>Names of the definitions that there is or was an agent of.</summary>
    public IReadOnlyCollection<string> Definitions => byDefinition.Keys;

    /// <summary>The agents of a definition, those included that are stopped, in the order in which they came to be: a change that concerns few looks at few.</summary>
    public IReadOnlyList<AgentEntry> Of(string definition) => byDefinition.TryGetValue(definition, out var some) ? some : [];

    /// <summary>The agents of several definitions, in the order in which they came to be.</summary>
    public IReadOnlyList<AgentEntry> Of(IEnumerable<string> definitions)
    {
        string[] names = [.. definitions.Distinct(StringComparer.Ordinal)];
        return names.Length == 1 ? Of(names[0]) : [.. names.SelectMany(Of).OrderBy(entry => entry.Number)];
    }

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
