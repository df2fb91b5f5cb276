using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <content>What agents would have done under another definition.</content>
public sealed partial class OfflineLog
{
    /// <summary>The fields of a definition that decide what a turn does; what is below them counts too.</summary>
    private static readonly string[] FieldsOfTurns = ["module", "kind", "config", "limits", "wasi", "capabilities"];

    /// <inheritdoc/>
    public TrialReport? Try(string agent, TrialVersion version, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        var hash = version.Module is { } bytes ? ModuleStore.HashOf(bytes.Span) : null;
        using var others = hash is null ? null : GuestsWith(new Dictionary<string, ReadOnlyMemory<byte>> { [hash] = version.Module!.Value });
        var setup = new TrialSetup(recorded => Changed(recorded, version, hash), others is null ? Guests : others.For, version.MaxDetails);
        return WithAgent(agent, false, cancellation, (history, life, survey, events) =>
        {
            using var trial = new ModuleTrial(survey, history, events, life, Moments, setup);
            return trial.Run(cancellation);
        });
    }

    /// <inheritdoc/>
    public TopologyTrial TryTopology(TopologyTarget target, TrialScope scope, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(scope);
        var began = TimeProvider.System.GetTimestamp();
        using var journal = JournalFile.Open(stores);
        var now = MeshMoments.Read(journal, stores, null, cancellation);
        if (now.Topology is not { } running) throw new MeshNodeException(NodeFailure.Configuration, "The log has no topology to compare with: serve the mesh first.");
        if (TopologyCheck.Check(target.Topology) is [var problem, ..]) throw new MeshNodeException(NodeFailure.Configuration, $"{problem.Path}: {problem.Message}");
        var tried = Concerned(now, running, target.Topology, scope);
        var beside = target.Modules.Select(m => KeyValuePair.Create(m.Key, m.Value.Bytes)).Concat(target.Folders);
        using var others = otherGuests is null ? GuestsWith(new Dictionary<string, ReadOnlyMemory<byte>>(beside)) : null;
        var reports = TryAll(journal, now, tried, scope, target.Moves, others, () => TimeProvider.System.GetElapsedTime(began) > stores.Trials.MaxTime, cancellation);
        return new TopologyTrial(now.TopologyAt, new Mesh.Events.Position(0, now.Epoch, now.NextOffset - 1),
            [.. tried.Select(d => new DefinitionTrial(d.Definition.Name, d.Fields, d.Living, [.. d.Sample.Select(a => reports[a.Number])]))]);
    }

    private ReplayGuests GuestsWith(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> beside) =>
        new(DataFolder.ModulesFolderOf(stores.Folder), DataFolder.CacheFolderOf(stores.Folder), beside);

    private static AgentDefinition Changed(AgentDefinition recorded, TrialVersion version, string? moduleHash) => recorded with
    {
        ModuleHash = moduleHash ?? recorded.ModuleHash, ModuleFile = moduleHash is null ? recorded.ModuleFile : version.ModuleFile, Config = version.Config ?? recorded.Config,
    };

    /// <summary>The definitions whose turns may become others, with the agents of them that are tried.</summary>
    /// <exception cref="MeshNodeException">A name of the scope is of no agent that the change concerns.</exception>
    private IReadOnlyList<TriedDefinition> Concerned(ShardCut now, MeshTopology running, MeshTopology target, TrialScope scope)
    {
        var living = now.Agents.Where(a => a.State != AgentState.Stopped).ToLookup(a => a.Definition, StringComparer.Ordinal);
        var counts = living.ToDictionary(agents => agents.Key, agents => agents.Count(), StringComparer.Ordinal);
        var plan = TopologyPlan.Make(running, new MeshOccupants(counts, ImmutableHashSet<string>.Empty, ImmutableDictionary<string, string>.Empty), target);
        var before = plan.Delta.Renamed.ToDictionary(r => r.To, r => r.From, StringComparer.Ordinal);
        var steps = plan.Steps.Where(s => s.Living > 0 && s.Kind is TopologyStepKind.AgentChanged or TopologyStepKind.AgentRegrouped or TopologyStepKind.AgentRenamed)
            .DistinctBy(s => s.Path).ToDictionary(s => s.Path, StringComparer.Ordinal);
        var concerned = new List<TriedDefinition>();
        foreach (var definition in target.Agents)
        {
            if (!steps.TryGetValue($"agents.{definition.Name}", out var step) || !step.Fields.Any(f => FieldsOfTurns.Contains(f.Field.Split('.')[0]))) continue;
            var agents = living[before.GetValueOrDefault(definition.Name, definition.Name)]
                .Where(a => scope.Agents.IsEmpty || scope.Agents.Contains(definition.Name) || scope.Agents.Contains(a.Name)).ToList();
            if (agents.Count > 0) concerned.Add(new TriedDefinition(definition, step.Fields, step.Living, SampleOf(agents)));
        }
        if (scope.Agents.FirstOrDefault(name => concerned.TrueForAll(d => d.Definition.Name != name && d.Sample.All(a => a.Name != name))) is { } unknown)
            throw new MeshNodeException(NodeFailure.Configuration, $"The change concerns no living agent '{unknown}'; leave the name out to try all that it concerns.");
        return concerned;
    }

    /// <summary>All, or as many as may be tried: those with the lowest hashes of their names, whenever they came to be.</summary>
    private IReadOnlyList<AgentStatus> SampleOf(List<AgentStatus> agents) => agents.Count <= stores.Trials.MaxAgents
        ? agents
        : [.. agents.OrderBy(a => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(a.Name))).Take(stores.Trials.MaxAgents).OrderBy(a => a.Number)];

    /// <summary>One agent after the other, so that a node beside it keeps its processors.</summary>
    /// <returns>The reports by the numbers of the agents.</returns>
    private Dictionary<int, TrialReport> TryAll(
        JournalFile journal, ShardCut now, IReadOnlyList<TriedDefinition> tried, TrialScope scope, IReadOnlyDictionary<string, MoveRequest> moves,
        ReplayGuests? others, Func<bool> isOver, CancellationToken cancellation)
    {
        var reports = new Dictionary<int, TrialReport>();
        var definitions = tried.SelectMany(d => d.Sample.Select(a => (a.Number, d.Definition))).ToDictionary(a => a.Number, a => a.Definition);
        if (definitions.Count == 0) return reports;
        LogSurvey.InGroups(journal, stores.MaxReplayTurns, survey =>
        {
            foreach (var history in survey.Wanted)
            {
                var definition = definitions[history.Number];
                var quarantine = now.Quarantine(history.Name).Select(q => q.Input).ToHashSet();
                reports[history.Number] = TryOne(survey, history, new TrialSetup(_ => definition, others is null ? Guests : others.For, stores.Trials.MaxDetails)
                {
                    Turns = scope.Turns ?? (scope.Since is null ? stores.Trials.Turns : null), Since = scope.Since ?? 0, TakesStateOver = true, Moves = moves,
                    IsQuarantined = quarantine.Contains, IsOver = isOver,
                }, definition, cancellation);
            }
        }, cancellation, definitions.Keys.ToHashSet());
        return reports;
    }

    private TrialReport TryOne(LogSurvey survey, AgentHistory history, TrialSetup setup, AgentDefinition definition, CancellationToken cancellation)
    {
        try
        {
            return WithLife(survey, history, (life, events) =>
            {
                using var trial = new ModuleTrial(survey, history, events, life, Moments, setup);
                return trial.Run(cancellation) with { ModuleHash = definition.ModuleHash };
            });
        }
        catch (Exception e) when (MeshMoments.ProblemOf(e.InnerException ?? e) is not null)
        {
            return new TrialTally(0).Report(history.Name, definition.ModuleHash, history.Turns is [.., var last] ? last.InForce.Definition.ModuleHash : "") with
            {
                Problem = MeshMoments.ProblemOf(e.InnerException ?? e),
            };
        }
    }

    /// <param name="Definition">What it becomes.</param>
    /// <param name="Fields">What of it changes.</param>
    /// <param name="Living">How many agents of it live.</param>
    /// <param name="Sample">Those that are tried.</param>
    private sealed record TriedDefinition(AgentDefinition Definition, ImmutableArray<FieldChange> Fields, int Living, IReadOnlyList<AgentStatus> Sample);
}
