using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Reads the log up to a cut.</summary>
internal static class MeshMoments
{
    /// <summary>The state of the shard at a cut: from the newest saved state before it that leads there, otherwise from where the log begins.</summary>
    /// <exception cref="LogBeginsLaterException">The log begins after the cut.</exception>
    /// <exception cref="MeshNodeException">The log ends before the cut, or is empty.</exception>
    public static ShardCut Read(JournalFile journal, LogStores stores, long? cut, CancellationToken cancellation)
    {
        if (journal.Base is { Promise: var beginning } known && cut < known.Cut.NextOffset - 1) throw new LogBeginsLaterException(cut.Value, beginning);
        var state = SavedCuts.Before(journal, stores, cut ?? long.MaxValue).Select(saved => ReadFrom(journal, saved, cut ?? long.MaxValue, cancellation)).FirstOrDefault(c => c.IsExact)
            ?? ReadFrom(journal, journal.Base, cut ?? long.MaxValue, cancellation);
        if (cut > state.NextOffset - 1) throw new MeshNodeException(NodeFailure.Configuration, $"There is no record at offset {cut}: the log ends at {state.NextOffset - 1}.");
        if (state.NextOffset == 0) throw new MeshNodeException(NodeFailure.Configuration, "The log is empty: serve the mesh first.");
        return state;
    }

    /// <summary>The state of the shard at a cut, from a saved state on or, without one, from the first record.</summary>
    public static ShardCut ReadFrom(JournalFile journal, LogBase? from, long cut, CancellationToken cancellation)
    {
        var state = from?.Restored(new ShardOptions()) ?? new ShardCut(new ShardOptions());
        foreach (var block in BlockWalk.Through(journal, new LogNames(), _ => true, from))
        {
            cancellation.ThrowIfCancellationRequested();
            if (block.Header.FirstOffset > cut) break;
            foreach (var record in block.Records!)
                if (!state.Take(record, cut)) break;
        }
        return state;
    }

    /// <summary>What is told of a cut.</summary>
    /// <param name="cut">The shard there.</param>
    /// <param name="states">By the names of agents the hashes of their states, or why they are not known.</param>
    public static MeshMoment Of(ShardCut cut, IReadOnlyDictionary<string, (StateHash? Hash, string? Problem)> states)
    {
        var told = cut.Agents.Select(agent =>
        {
            var (hash, problem) = states.GetValueOrDefault(agent.Name);
            return new AgentAtCut(agent, [.. cut.Quarantine(agent.Name)], hash, problem);
        });
        return new MeshMoment(
            cut.Topology?.Name ?? "", new Position(0, cut.Epoch, cut.NextOffset - 1), cut.LastTimeNs, cut.TopologyHash, [.. told],
            [.. cut.Timers.Select(t => new TimerAtCut(cut.NameOf(t.Agent), t))],
            [.. cut.Cursors.OrderBy(c => c.Key, StringComparer.Ordinal)], cut.Totals);
    }

    /// <summary>What of an agent's replay is no fault of this program, in one sentence.</summary>
    public static string? ProblemOf(Exception e) =>
        e is GuestRefusedException or ReplayDivergedException or LogBeginsLaterException or HostExhaustedException or ImageCorruptException ? e.Message : null;
}
