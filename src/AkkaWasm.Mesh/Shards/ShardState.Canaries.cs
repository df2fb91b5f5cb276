using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>Changed definitions that are watched.</content>
internal sealed partial class ShardState
{
    /// <summary>Those that are watched, by name.</summary>
    public SortedDictionary<string, CanaryWatch> Canaries { get; } = new(StringComparer.Ordinal);

    /// <summary>The watch that an agent is under, or null.</summary>
    public CanaryWatch? WatchOf(AgentEntry entry) => Canaries.Count > 0 && Canaries.TryGetValue(entry.DefinitionName, out var watch) && watch.Includes(entry.Name) ? watch : null;

    private void ApplyCanary(CanaryRecord r)
    {
        if (r.Step == CanaryStep.Began) BeginCanary(r);
        else if (r.Step == CanaryStep.Postponed) Canaries[r.Definition].Postpone(r.AtNs);
        else EndCanary(r.Definition);
    }

    /// <summary>The record stands behind the change and before all that follows from it: states are what they were.</summary>
    private void BeginCanary(CanaryRecord r)
    {
        var agents = Agents.Of(r.Definition).Where(a => !a.Stopped && r.Share?.Includes(a.Name) != false).ToArray();
        var watch = new CanaryWatch(r.Before!, r.Policy!, TopologyOffset, r.AtNs, r.Share, r.State)
        {
            FirstNew = Agents.Count, NeededFrom = agents.Select(NeededForItsState).Append(NeededForThePast(r.Definition)).Min(),
        };
        watch.Pins.UnionWith(agents.Where(a => a.SavedImage is not null).Select(a => (a.SavedImage!.Agent, a.SavedImage.Incarnation, a.SavedImage.Input)));
        var numbers = agents.Select(a => a.Number).ToHashSet();
        foreach (var (name, watchers) in Watchers.OrderBy(w => w.Key, StringComparer.Ordinal))
            foreach (var watcher in watchers.Where(numbers.Contains))
            {
                if (!watch.Watched.TryGetValue(watcher, out var names)) watch.Watched[watcher] = names = [];
                names.Add(name);
            }
        Canaries[r.Definition] = watch;
        Returns++;
    }

    /// <summary>Events that are brought to its agents from before the change are handled again if it goes back.</summary>
    private long NeededForThePast(string definition) => Pasts.TryGetValue(definition, out var past) ? past.ReadThrough + 1 : TopologyOffset;

    private long NeededForItsState(AgentEntry entry)
    {
        if (LineagePath.NeedsFirstTurn(entry.Moves)) return 0;
        var needed = TopologyOffset;
        if (entry.Init >= 0) needed = Math.Min(needed, entry.Init);
        if (entry.Pending.Count > 0) needed = Math.Min(needed, entry.Pending[0]);
        foreach (var turn in entry.Tail) needed = Math.Min(needed, turn.Input);
        return needed;
    }

    private void EndCanary(string definition)
    {
        if (!Canaries.Remove(definition, out var watch)) return;
        foreach (var (agent, incarnation, input) in watch.Pins)
            if (Agents[agent].SavedImage is not { } image || image.Agent != agent || image.Incarnation != incarnation || image.Input != input)
                Unborrow(new LineageImage(agent, incarnation, input, default));
    }

    /// <summary>A definition that is gone, or that the node's configuration makes another, is not watched any more. Nobody else changes one that is watched.</summary>
    private void EndCanaries(TopologyChangeRecord r)
    {
        if (Canaries.Count == 0) return;
        var ended = r.Author == TopologyAuthor.Startup ? r.Delta.Removed.Concat(r.Delta.Put.Select(d => d.Name)).Concat(r.Delta.Renamed.Select(d => d.From)) : r.Delta.Removed;
        foreach (var name in ended) EndCanary(name);
    }

    /// <summary>Whether an image is kept because a way back may begin from it.</summary>
    private bool IsPinned(int agent, int incarnation, long input) => Canaries.Count > 0 && Canaries.Values.Any(watch => watch.Pins.Contains((agent, incarnation, input)));

    private void NoteForCanary(AgentEntry entry, TurnRecord turn)
    {
        if (WatchOf(entry) is not { } watch) return;
        if (turn.Fault is { } fault) watch.NoteFailure(fault, LastTimeNs);
        else watch.Changed.Add(entry.Number);
    }

    private void NoteForCanary(AgentEntry entry, HealingRecord healing)
    {
        if (healing.Quarantine) WatchOf(entry)?.NoteQuarantined(entry.Number, healing.Input);
        if (healing.Directive != HealingDirective.Stop) return;
        foreach (var agent in healing.Affected)
        {
            if (WatchOf(Agents[agent]) is not { } watch) continue;
            watch.Stopped.Add(agent);
            if (PoolOf(Agents[agent]) is not null) watch.Exceed(); // its partitions wait for it to come back
        }
    }

    private void NoteForCanary(AgentEntry entry, AgentRecord change)
    {
        if (WatchOf(entry) is not { } watch) return;
        watch.Changed.Add(entry.Number);
        if (change.Change != AgentChange.Stopped) watch.Stopped.Remove(entry.Number);
        else if (watch.Stopped.Contains(entry.Number))
            foreach (var offset in entry.Pending.ToArray()) watch.NoteMissed(entry.Number, offset);
    }

    /// <summary>An event comes for an agent that is stopped.</summary>
    private void NoteForCanary(AgentEntry entry, long offset)
    {
        if (WatchOf(entry) is { } watch && watch.Stopped.Contains(entry.Number)) watch.NoteMissed(entry.Number, offset);
    }

    private void NoteForCanary(AgentEntry entry, TimerRecord timer) => WatchOf(entry)?.NoteLost(timer);

    private void NoteForCanary(MeshEvent e)
    {
        if (e.Agent >= 0 && e.Origin is EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply) WatchOf(Agents[e.Agent])?.NoteEmitted(e.Offset);
    }
}
