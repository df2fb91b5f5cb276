using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Runs the recorded turns of one agent again and compares.</summary>
internal sealed class AgentReplay : IDisposable
{
    /// <summary>How much longer a turn may take than it might when it was recorded, and how long at least: a replay is no race, but has to end.</summary>
    private const int DeadlineFactor = 10;

    private static readonly TimeSpan MinDeadline = TimeSpan.FromMinutes(1);

    private readonly JournalFile journal;
    private readonly Func<string, IGuestFactory> guests;
    private readonly ReplayScope scope;
    private readonly bool verify;
    private readonly CancellationToken cancellation;
    private readonly ImmutableArray<SkippedTurn>.Builder skipped = ImmutableArray.CreateBuilder<SkippedTurn>();
    private Setting setting = null!;
    private Setting? used;
    private AgentRunner? runner;
    private AgentImage? image;
    private ReplayDivergence? divergence;
    private int incarnation;
    private long lastInput = Position.None;
    private long turns;
    private long failures;
    private long hashes;

    private AgentReplay(JournalFile journal, Func<string, IGuestFactory> guests, ReplayScope scope, bool verify, CancellationToken cancellation)
    {
        this.journal = journal;
        this.guests = guests;
        this.scope = scope;
        this.verify = verify;
        this.cancellation = cancellation;
    }

    /// <summary>Replays an agent; see <see cref="IOfflineLog.ReplayAgent"/>.</summary>
    public static ReplayReport? Run(JournalFile journal, Func<string, IGuestFactory> guests, string agent, long to, bool verify, CancellationToken cancellation)
    {
        if (ReplayScope.Survey(journal, agent, to, verify, cancellation) is not { } scope) return null;
        using var replay = new AgentReplay(journal, guests, scope, verify, cancellation);
        try
        {
            replay.RunAll();
        }
        catch (GuestRefusedException e)
        {
            throw new MeshNodeException(NodeFailure.ModuleRefused, e.Message, e);
        }
        return replay.Report();
    }

    public void Dispose() => runner?.Dispose();

    private void RunAll()
    {
        foreach (var (turn, now) in Recorded())
        {
            if (!verify && turn.Incarnation != scope.LastIncarnation) continue;
            if (turn.Incarnation != incarnation) BeginLife(turn.Incarnation);
            setting = now;
            if (turn.Fault is null) Repeat(turn);
            else RunFailed(turn);
            if (divergence is not null) return;
        }
    }

    private ReplayReport Report() => new(
        scope.Agent, incarnation > 0 ? incarnation : scope.LastIncarnation, turns, failures, hashes, lastInput, runner is { Turns: > 0 } ? runner.Hash() : null,
        divergence, skipped.ToImmutable());

    /// <summary>The recorded turns of the agent up to the end of the scope, each with what was in force.</summary>
    private IEnumerable<(TurnRecord Turn, Setting Setting)> Recorded()
    {
        var names = new LogNames();
        Setting? current = null;
        foreach (var block in BlockWalk.Through(journal, names, header => header.Agents.BinarySearch(scope.Number) >= 0))
        {
            if (block.Header.FirstOffset >= scope.End) yield break;
            foreach (var record in block.Records ?? [])
            {
                if (record.Offset >= scope.End) yield break;
                if (record is not TurnRecord turn || turn.Agent != scope.Number) continue;
                cancellation.ThrowIfCancellationRequested();
                if (current is null || current.Topology != names.Topology || current.Writer != block.Header.Writer) current = SettingOf(names.Topology!, block.Header.Writer);
                yield return (turn, current);
            }
        }
    }

    private Setting SettingOf(MeshTopology topology, string writer)
    {
        var definition = topology.Agents.First(d => d.Name == scope.Definition);
        var deadline = definition.Limits.Deadline * DeadlineFactor;
        return new Setting(topology, writer, definition with { Limits = definition.Limits with { Deadline = deadline > MinDeadline ? deadline : MinDeadline } }, guests(writer));
    }

    private void BeginLife(int number)
    {
        runner?.Dispose();
        (runner, image, used, incarnation) = (null, null, null, number);
    }

    private void Repeat(TurnRecord turn)
    {
        var result = Runner(turn).Run(scope.Events.At(turn.Input), 0);
        if (result.CompactionHelps) result = Compacted(turn).Run(scope.Events.At(turn.Input), 0);
        if (result.Fault is { } fault)
        {
            Diverge(turn, $"it succeeded when it was recorded and fails now ({Name(fault)}: {fault.Message})");
            runner!.Dispose();
            runner = null;
            return;
        }
        if (runner!.IsCompactionDue) runner.Compact();
        image = null;
        lastInput = turn.Input;
        turns++;
        if (result.Digest != turn.Digest) Diverge(turn, $"its outputs have digest {result.Digest:x16}, recorded is {turn.Digest:x16}");
        else if (turn.Hash is { } recorded) CompareHash(turn, recorded, "the turn");
        if (divergence is null && scope.Images.TryGetValue((incarnation, turn.Input), out var saved)) CompareHash(turn, saved, "the image saved after it");
    }

    /// <summary>The runner before a turn that exhausted the GC heap, without garbage; as it was done when it was recorded.</summary>
    private AgentRunner Compacted(TurnRecord turn)
    {
        runner!.Dispose();
        runner = Rebuild(null, SuccessesBefore(turn));
        if (runner.MayHaveGarbage) runner.Compact();
        return runner;
    }

    private void CompareHash(TurnRecord turn, StateHash recorded, string of)
    {
        var actual = runner!.Hash();
        hashes++;
        if (actual != recorded) Diverge(turn, $"the state after it has hash {actual}, recorded with {of} is {recorded}");
    }

    /// <summary>A failed turn is run on a runner of its own, which is thrown away as it was then.</summary>
    private void RunFailed(TurnRecord turn)
    {
        var recorded = turn.Fault!;
        if (WhyNot(recorded) is { } reason)
        {
            skipped.Add(new SkippedTurn(turn.Input, reason));
            return;
        }
        using var trial = Trial(turn);
        var result = trial.Run(scope.Events.At(turn.Input), 0);
        if (result.Fault is not { } fault) Diverge(turn, $"it failed when it was recorded ({Name(recorded)}: {recorded.Message}) and succeeds now");
        else if (fault.Kind != recorded.Kind || fault.Code != recorded.Code) Diverge(turn, $"it fails with {Name(fault)} ({fault.Message}), recorded is {Name(recorded)} ({recorded.Message})");
        else failures++;
    }

    private string? WhyNot(GuestFault recorded) => recorded switch
    {
        { DependsOnHost: true } => $"It failed for a reason of the host ({Name(recorded)}: {recorded.Message})",
        { Kind: FaultKind.Limit, Code: "pending-timers" } => $"It broke a limit that the shard counts, not the guest ({Name(recorded)}: {recorded.Message})",
        _ when !verify => $"It failed ({Name(recorded)}: {recorded.Message}) and left no effect; it is run again only to verify.",
        _ => null,
    };

    /// <summary>The runner in the state before a turn, under what was in force for it.</summary>
    private AgentRunner Runner(TurnRecord turn)
    {
        if (runner is not null && used == setting) return runner;
        var next = runner is null ? Rebuild(null, []) : Trial(turn);
        runner?.Dispose();
        used = setting;
        return runner = next;
    }

    /// <summary>Another runner in the state before a turn: from an image, or for a guest that cannot be saved from its first turn.</summary>
    private AgentRunner Trial(TurnRecord turn)
    {
        if (runner is null) return Rebuild(null, []);
        image ??= runner.Capture();
        return image is not null ? Rebuild(image, []) : Rebuild(null, SuccessesBefore(turn));
    }

    private AgentRunner Rebuild(AgentImage? from, IEnumerable<RecordedTurn> recorded)
    {
        var identity = new AgentIdentity(scope.Number, scope.Agent, incarnation, setting.Definition, scope.Names.NameOf);
        return AgentRunner.Rebuild(identity, scope.Names.Identity, setting.Guests, from, recorded);
    }

    private IEnumerable<RecordedTurn> SuccessesBefore(TurnRecord turn) => Recorded()
        .Select(r => r.Turn).TakeWhile(t => t.Offset < turn.Offset).Where(t => t.Incarnation == turn.Incarnation && t.Fault is null)
        .Select(t => new RecordedTurn(scope.Events.At(t.Input), t.Digest));

    private void Diverge(TurnRecord turn, string what) =>
        divergence = new ReplayDivergence(turn.Input, $"Agent '{scope.Agent}' (incarnation {incarnation}) does something else with the event at offset {turn.Input} (turn recorded at offset {turn.Offset}): {what}.");

    private static string Name(GuestFault fault) => $"{FaultNames.Of(fault.Kind)}/{fault.Code}";

    /// <summary>What was in force for a turn.</summary>
    private sealed record Setting(MeshTopology Topology, string Writer, AgentDefinition Definition, IGuestFactory Guests);
}
