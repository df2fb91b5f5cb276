using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <content>The mesh goes back to a cut.</content>
internal sealed partial class ShardState
{
    /// <summary>Nothing waits for anybody any more, until the agents' own records say so.</summary>
    private void ApplyMeshRewind(MeshRewindRecord r)
    {
        foreach (var timer in Timers.All.ToArray()) Timers.Remove(timer.Timer);
        Requests.Clear();
        foreach (var asked in AskedChanges.Keys.Where(offset => offset > r.To).ToArray()) AskedChanges.Remove(asked);
        Watchers.Clear();
        Returns++;
        Undone.Add((r.To, r.Offset));
        foreach (var entry in Agents) Empty(entry);
        InstallPools(r.Pools);
        foreach (var agent in r.Agents) Fill(Agents[agent.Agent], agent);
        foreach (var timer in r.Timers) ApplyTimer(timer);
        foreach (var (correlation, agent) in r.Requests) Requests[correlation] = agent;
        foreach (var (watched, watchers) in r.Watchers) Watchers[watched] = [.. watchers];
        foreach (var number in r.Unborn) Agents[number].Unborn = true;
        if (!r.Sources) return;
        Cursors.Clear();
        foreach (var (source, cursor) in r.Cursors) Cursors[source] = cursor;
        Known.ForgetAfter(r.To);
    }

    private void Fill(AgentEntry entry, RewoundAgent was)
    {
        entry.Cursor = was.Cursor;
        foreach (var q in was.Quarantine) entry.PutAside(q with { Agent = entry.Name });
        Backlog += entry.Pending.Prepend(was.Waiting);
        foreach (var (timer, offset) in was.Fired) entry.FiredTimers.Add(timer, offset);
    }

    private void Empty(AgentEntry entry)
    {
        SetHealPending(entry, false);
        SetInit(entry, Position.None);
        Backlog -= entry.Pending.Count;
        entry.Pending.Clear();
        entry.FiredTimers.Clear();
        entry.TakeAllOut();
        entry.PendingTimers = 0;
        entry.AwaitsStart = false;
        (entry.Attempts, entry.InitAttempts) = (default, default);
        entry.FailedBefore = (Position.None, default);
        (entry.SuppressedThrough, entry.SuppressedStart, entry.Fresh) = (Position.None, Position.None, []);
        entry.NotBeforeNs = 0;
    }
}
