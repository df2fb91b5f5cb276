using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Definitions get other names, and their agents with them: what is known by name is known by the new one from the change on. What lives did before is told under the names
/// that they had, so that ids, sources and images of then stay what they are.
/// </content>
internal sealed partial class ShardState
{
    private readonly Dictionary<string, int> highestUnder = new(StringComparer.Ordinal);

    /// <summary>How often agents were renamed, so that others know when to look again; counted while the process runs.</summary>
    internal int RenamesSoFar { get; private set; }

    /// <summary>The incarnation that an agent of a name begins with: above those that others had while the name was theirs, because ids derive from both.</summary>
    public int FirstIncarnation(string name) => highestUnder.GetValueOrDefault(name) + 1;

    /// <summary>The incarnation that comes next for an agent.</summary>
    public int NextIncarnation(AgentEntry entry) => Math.Max(entry.Incarnation + 1, FirstIncarnation(entry.Name));

    private void NoteFormerNames(AgentEntry entry)
    {
        foreach (var former in entry.Names.Former) highestUnder[former.Name] = Math.Max(highestUnder.GetValueOrDefault(former.Name), former.Through);
    }

    /// <summary>The names are changed before the topology is: who subscribes, waits or has children is found by them.</summary>
    private void RenameAgents(ImmutableArray<AgentRename> renames)
    {
        if (renames.IsEmpty) return;
        RenamesSoFar++;
        var byDefinition = renames.ToDictionary(r => r.From, StringComparer.Ordinal);
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        var concerned = Agents.Of(byDefinition.Keys).Select(entry => (entry, byDefinition[entry.DefinitionName])).ToArray();
        Agents.Rename(renames.ToDictionary(r => r.From, r => r.To, StringComparer.Ordinal));
        foreach (var (entry, rename) in concerned)
        {
            var name = AgentRenames.NameOf(entry.Name, rename);
            if (name == entry.Name) continue;
            changed[entry.Name] = name;
            Rename(entry, name);
        }
        foreach (var rename in renames) Rename(rename);
        foreach (var watch in Canaries.Values) watch.Rename(changed);
        foreach (var (from, to) in renames) changed[from] = to;
        foreach (var rule in Rules.Values) rule.Rename(changed);
        foreach (var (definition, maker) in DefinedBy.ToArray())
            if (changed.TryGetValue(maker, out var name)) DefinedBy[definition] = name;
    }

    private void Rename(AgentEntry entry, string name)
    {
        byName.Remove(entry.Name);
        byName[name] = entry.Number;
        Timers.Readdress(entry.Number, AgentName.Inbox(entry.Name), AgentName.Inbox(name));
        Rekey(Watchers, entry.Name, name);
        foreach (var aside in entry.Quarantine.Values.ToArray()) entry.PutAside(aside with { Agent = name });
        entry.Names = entry.Names.Renamed(name, entry.Incarnation);
        NoteFormerNames(entry);
    }

    private void Rename(AgentRename rename)
    {
        var (from, to) = rename;
        if (LivingOf.Remove(from, out var living)) LivingOf[to] = LivingOf.GetValueOrDefault(to) + living;
        Rekey(Circuits, from, to);
        Rekey(DefinedBy, from, to);
        if (Pools.Remove(from, out var pool)) Pools[to] = pool;
        pool?.Rename(to);
        if (Pasts.Remove(from, out var past)) Pasts[to] = past.Of(to);
        if (!draining.Remove(from)) return;
        draining.Add(to);
        for (var i = 0; i < Drains.Count; i++) Drains[i] = Drains[i] with { Definitions = [.. Drains[i].Definitions.Select(name => name == from ? to : name)] };
    }

    /// <summary>What is known by a name is known by another.</summary>
    public static void Rekey<T>(Dictionary<string, T> items, string from, string to)
    {
        if (items.Remove(from, out var item)) items[to] = item;
    }

    /// <summary>A life begins under the new name; all else stays as it is. What was in flight is handed out again.</summary>
    private void ApplyRenamed(AgentEntry entry)
    {
        entry.MemoryImage = null;
        SetInit(entry, Position.None);
    }
}
