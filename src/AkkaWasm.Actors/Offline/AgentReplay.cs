using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Runs the recorded turns of one agent again and compares.</summary>
internal sealed class AgentReplay
{
    private readonly AgentHistory history;
    private readonly ReplayLife life;
    private readonly int end;
    private readonly bool verify;
    private readonly ImmutableArray<SkippedTurn>.Builder skipped = ImmutableArray.CreateBuilder<SkippedTurn>();
    private ReplayDivergence? divergence;
    private long lastInput = Position.None;
    private long turns;
    private long failures;
    private long hashes;

    private AgentReplay(AgentHistory history, ReplayLife life, int end, bool verify)
    {
        this.history = history;
        this.life = life;
        this.end = end;
        this.verify = verify;
    }

    /// <summary>Replays an agent up to, and without, the turn at an index; see <see cref="IOfflineLog.ReplayAgent"/>.</summary>
    /// <exception cref="MeshNodeException">Its module is not there.</exception>
    public static ReplayReport Run(AgentHistory history, ReplayLife life, int end, bool verify, CancellationToken cancellation)
    {
        var replay = new AgentReplay(history, life, end, verify);
        try
        {
            replay.RunAll(cancellation);
        }
        catch (GuestRefusedException e)
        {
            throw new MeshNodeException(NodeFailure.ModuleRefused, e.Message, e);
        }
        return replay.Report();
    }

    /// <summary>Why a failed turn cannot be run again with the same outcome, or null.</summary>
    public static string? WhyNot(GuestFault recorded) => recorded switch
    {
        { DependsOnHost: true } => $"It failed for a reason of the host ({Name(recorded)}: {recorded.Message})",
        { Kind: FaultKind.Limit, Code: "pending-timers" } => $"It broke a limit that the shard counts, not the guest ({Name(recorded)}: {recorded.Message})",
        _ => null,
    };

    public static string Name(GuestFault fault) => $"{FaultNames.Of(fault.Kind)}/{fault.Code}";

    /// <summary>What a repeated turn did otherwise than the record says, or null.</summary>
    public static string? Difference(TurnRecord recorded, TurnResult result) => (recorded.Fault, result.Fault) switch
    {
        (null, { } fault) => $"it succeeded when it was recorded and fails now ({Name(fault)}: {fault.Message})",
        ({ } fault, null) => $"it failed when it was recorded ({Name(fault)}: {fault.Message}) and succeeds now",
        ({ } was, { } now) when was.Kind != now.Kind || was.Code != now.Code => $"it fails with {Name(now)} ({now.Message}), recorded is {Name(was)} ({was.Message})",
        (null, null) when result.Digest != recorded.Digest => $"its outputs have digest {result.Digest:x16}, recorded is {recorded.Digest:x16}",
        _ => null,
    };

    private void RunAll(CancellationToken cancellation)
    {
        var last = history.IncarnationAt(end);
        for (var index = 0; index < end && divergence is null; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var turn = history.Turns[index].Record;
            if (!verify && turn.Incarnation != last) continue;
            if (index < life.FirstTurn(turn.Incarnation))
            {
                skipped.Add(new SkippedTurn(turn.Input, $"It was made before the oldest snapshot that can be gone on from; {LogBeginningText.Of(history.LogBegins)}."));
                continue;
            }
            if (turn.Fault is null) Repeat(index, turn);
            else RunFailed(index, turn);
        }
        // Where the log begins after all its turns, there is an image to be shown.
        if (divergence is null && life.Current is null && life.FirstTurn(last) is var first && (first > 0 || history.InheritedInput(last) != Position.None))
            life.JumpBefore(Math.Max(first, end), last, null);
    }

    private int LastLife => life.Incarnation > 0 ? life.Incarnation : history.IncarnationAt(end);

    private ReplayReport Report() => new(
        history.NameIn(LastLife), LastLife, turns, failures, hashes, lastInput,
        life.Current is { Turns: > 0 } runner ? runner.Hash() : null, divergence, skipped.ToImmutable());

    private void Repeat(int index, TurnRecord turn)
    {
        var result = life.Repeat(index);
        if (result.Fault is null)
        {
            lastInput = turn.Input;
            turns++;
        }
        if (Difference(turn, result) is { } difference) Diverge(turn, difference);
        else if (turn.Hash is { } recorded) CompareHash(turn, recorded, "the turn");
        if (divergence is null && history.Images.TryGetValue((turn.Incarnation, turn.Input), out var saved)) CompareHash(turn, saved, "the image saved after it");
    }

    private void CompareHash(TurnRecord turn, StateHash recorded, string of)
    {
        var actual = life.Current!.Hash();
        hashes++;
        if (actual != recorded) Diverge(turn, $"the state after it has hash {actual}, recorded with {of} is {recorded}");
    }

    private void RunFailed(int index, TurnRecord turn)
    {
        var reason = WhyNot(turn.Fault!) ?? (verify ? null : $"It failed ({Name(turn.Fault!)}: {turn.Fault!.Message}) and left no effect; it is run again only to verify.");
        if (reason is not null) skipped.Add(new SkippedTurn(turn.Input, reason));
        else if (Difference(turn, life.Try(index)) is { } difference) Diverge(turn, difference);
        else failures++;
    }

    private void Diverge(TurnRecord turn, string what) => divergence = new ReplayDivergence(
        turn.Input, $"Agent '{history.NameIn(turn.Incarnation)}' (incarnation {turn.Incarnation}) does something else with the event at offset {turn.Input} (turn recorded at offset {turn.Offset}): {what}.");
}
