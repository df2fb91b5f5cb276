using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What has to be known before an agent is replayed: who it is, up to where, and where its events are.</summary>
internal sealed class ReplayScope
{
    private ReplayScope(string agent, EventLookup events)
    {
        Agent = agent;
        Events = events;
    }

    public string Agent { get; }

    public int Number { get; private set; } = -1;

    public string Definition { get; private set; } = "";

    public LogNames Names { get; } = new();

    public EventLookup Events { get; }

    /// <summary>Offset of the first turn that is not run any more, or one past all.</summary>
    public long End { get; private set; } = long.MaxValue;

    /// <summary>The incarnation of the last turn that is run; of the agent's birth if there is none.</summary>
    public int LastIncarnation { get; private set; } = 1;

    /// <summary>Hashes of the images that were saved, by incarnation and last input.</summary>
    public Dictionary<(int Incarnation, long Input), StateHash> Images { get; } = [];

    /// <summary>Goes through the log once.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="to">Offset of the last event to be handled.</param>
    /// <param name="all">Whether all blocks are read, which finds the images; otherwise only those that touch the agent.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The scope, or null if there is no such agent.</returns>
    public static ReplayScope? Survey(JournalFile journal, string agent, long to, bool all, CancellationToken cancellation)
    {
        var scope = new ReplayScope(agent, new EventLookup(journal));
        foreach (var block in BlockWalk.Through(journal, scope.Names, header => all || (scope.Number >= 0 && header.Agents.BinarySearch(scope.Number) >= 0)))
        {
            cancellation.ThrowIfCancellationRequested();
            scope.Events.Add(block);
            scope.Number = scope.Names.NumberOf(agent);
            if (scope.Number < 0) continue;
            foreach (var record in block.Records ?? [])
                if (LogNames.AgentOf(record) == scope.Number) scope.Take(record, to);
        }
        return scope.Number < 0 ? null : scope;
    }

    private void Take(LogRecord record, long to)
    {
        switch (record)
        {
            case AgentRecord born:
                Definition = born.Definition;
                break;
            case TurnRecord turn when End == long.MaxValue && turn.Input > to:
                End = turn.Offset;
                break;
            case TurnRecord turn when End == long.MaxValue:
                LastIncarnation = turn.Incarnation;
                break;
            case ImageRecord saved:
                Images[(saved.Incarnation, saved.Input)] = saved.Hash;
                break;
        }
    }
}
