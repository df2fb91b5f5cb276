using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Reads the log up to a cut.</summary>
internal static class MeshMoments
{
    /// <summary>The state of the shard at a cut, and the histories of its agents if they are wanted.</summary>
    /// <exception cref="LogBeginsLaterException">The log begins after the cut.</exception>
    /// <exception cref="MeshNodeException">The log ends before the cut, or is empty.</exception>
    public static (ShardCut Cut, LogSurvey? Survey) Read(JournalFile journal, long? cut, bool histories, CancellationToken cancellation)
    {
        var survey = histories ? LogSurvey.OfAll(journal, cancellation) : null;
        var state = journal.Base?.Restored(new ShardOptions()) ?? new ShardCut(new ShardOptions());
        if (journal.Base is { Promise: var beginning } && cut < state.NextOffset - 1) throw new LogBeginsLaterException(cut.Value, beginning);
        foreach (var block in BlockWalk.Through(journal, new LogNames(), _ => true))
        {
            cancellation.ThrowIfCancellationRequested();
            if (block.Header.FirstOffset > (cut ?? long.MaxValue)) break;
            foreach (var record in block.Records!)
                if (!state.Take(record, cut ?? long.MaxValue)) break;
        }
        if (cut > state.NextOffset - 1) throw new MeshNodeException(NodeFailure.Configuration, $"There is no record at offset {cut}: the log ends at {state.NextOffset - 1}.");
        if (state.NextOffset == 0) throw new MeshNodeException(NodeFailure.Configuration, "The log is empty: serve the mesh first.");
        return (state, survey);
    }

    /// <summary>What is told of a cut.</summary>
    public static MeshMoment Of(ShardCut cut, Func<AgentStatus, (StateHash? Hash, string? Problem)> stateOf, int parallel, CancellationToken cancellation)
    {
        var agents = cut.Agents.ToArray();
        var told = new AgentAtCut[agents.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        Parallel.For(0, agents.Length, options, i =>
        {
            var (hash, problem) = stateOf(agents[i]);
            told[i] = new AgentAtCut(agents[i], [.. cut.Quarantine(agents[i].Name)], hash, problem);
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
