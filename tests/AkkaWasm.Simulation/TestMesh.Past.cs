using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>What operators ask for. Where the log has to be read for it, that takes time, and the shard goes on meanwhile.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<(Action Go, OperatorRequest Request)> pasts = [];
    private bool forgotOne;

    /// <summary>What is done at once and answered after the commit.</summary>
    public void Operate(OperatorRequest request, Func<Shard, long, string?> act)
    {
        Shard.Answer(request, act(Shard, NowNs));
        if (request.TakesEffect) TakeEffects();
    }

    public void Rewind(OperatorRequest request)
    {
        Shard.Rewind(request.Agent!, request.Target!, request, NowNs);
        TakeEffects();
    }

    /// <summary>An agent goes back, and it is waited for the answer.</summary>
    /// <returns>Why it does not, one sentence, or null.</returns>
    public string? GoBack(string agent, RewindTarget target)
    {
        var ticket = new object();
        Shard.Rewind(agent, target, ticket, NowNs);
        Tick();
        Run();
        return Answers.Single(a => a.Ticket == ticket).Problem;
    }

    /// <summary>To look at what a way back would do changes nothing, and it does that if nothing happens in between.</summary>
    public void LookAtRewind(string agent, RewindTarget target)
    {
        var before = Shard.NextOffset;
        try
        {
            var plan = Lives(Status(agent).Number).Plan(target, TurnsOf);
            var (outlook, problem) = Shard.LookAtRewind(agent, target, plan);
            if (outlook is null == problem is null || (outlook is not null && outlook.ToLastInput != plan.LastInput)) throw new Checkers.SimulationException($"The way back of '{agent}' was to be {outlook} or {problem}.");
        }
        catch (Exception e) when (e is RewindRefusedException or LogCorruptException)
        {
            return; // it is said that it cannot be
        }
        if (Shard.NextOffset != before) throw new Checkers.SimulationException("To look at the way back of an agent changed something.");
    }

    /// <summary>The actor of an agent is killed; its supervisor says so.</summary>
    public string? Kill(string agent)
    {
        if (!actors.TryGetValue(Status(agent).Number, out var actor) || actor.Runner is not { IsUsable: true }) return $"The agent '{agent}' has no actor now.";
        actor.Runner.Dispose();
        (actor.Runner, actor.Failed) = (null, true);
        Tell(actor, () => Shard.AgentUnavailable(actor.Agent, actor.Token, new GuestFault(FaultKind.Operating, "actor-ended", "The agent's actor ended unexpectedly."), NowNs));
        return null;
    }

    /// <summary>Makes an agent with the state that another one had, as the committed log says now.</summary>
    public void Fork(OperatorRequest request)
    {
        request.ReadUpTo = Shard.CommittedOffset;
        var origin = Status(request.Agent!).Number;
        try
        {
            var plan = WithImage(origin, Lives(origin).Plan(new RewindTarget { To = request.To ?? long.MaxValue }, TurnsOf));
            if (sabotage == Sabotage.ForksAnotherState && plan.Turns.Length > 1) plan = plan with { Turns = plan.Turns[..^1] };
            pasts.Enqueue((() => Shard.Fork(request.Agent!, request.Name!, plan, request, NowNs), request));
        }
        catch (Exception e) when (e is RewindRefusedException or LogCorruptException)
        {
            pasts.Enqueue((() => request.Answer(e.Message), request));
        }
    }

    /// <summary>Looks at what would happen if the mesh went back to a cut, and takes it back if that is wanted.</summary>
    public void RewindMesh(OperatorRequest request)
    {
        try
        {
            var cut = CutAt(request.To!.Value - (sabotage == Sabotage.RewindsToAnotherCut ? 3 : 0));
            pasts.Enqueue((() => Go(request, cut), request));
        }
        catch (LogCorruptException e)
        {
            pasts.Enqueue((() => request.Answer(e.Message), request));
        }
    }

    private void Go(OperatorRequest request, ShardCut cut)
    {
        var (before, epoch, known) = (Shard.NextOffset, Shard.Epoch, Shard.Agents.ToArray());
        var outlook = Shard.LookAtRewind(cut);
        if (sabotage == Sabotage.GoesBackWhenItOnlyLooks) Shard.RewindMesh(cut, request.Sources, new object(), NowNs);
        if (Shard.NextOffset != before || !Shard.Agents.SequenceEqual(known)) throw new Checkers.SimulationException("To look at what a way back would do changed something.");
        if (request.DryRun)
        {
            request.Answer(null);
            return;
        }
        if (request.Sources) request.Begins?.Invoke(outlook.To, before);
        Shard.RewindMesh(cut, request.Sources, request, NowNs);
        if (Shard.NextOffset == before) return;
        if (Shard.Epoch != epoch + 1) throw new Checkers.SimulationException($"The mesh went back in epoch {epoch}, and no new one began.");
        Compare(outlook, before);
    }

    /// <summary>What was foretold has come to pass: events that tell of it may wait since, nothing else differs.</summary>
    private void Compare(MeshRewindOutlook outlook, long undoneFrom)
    {
        if (outlook.UndoneRecords != undoneFrom - outlook.To - 1) throw new Checkers.SimulationException($"The way back was to undo {outlook.UndoneRecords} records, and undid {undoneFrom - outlook.To - 1}.");
        foreach (var (step, now) in outlook.Agents.Zip(Shard.Agents))
        {
            var goesOn = step.Action is MeshRewindAction.Rewound or MeshRewindAction.Reset;
            var same = now.Incarnation == step.Incarnation + (goesOn ? 1 : 0) && now.Quarantined == step.Quarantine && now.State == AgentState.Stopped == !goesOn
                && (step.Action != MeshRewindAction.Rewound || now.LastInput == step.ToLastInput) && (goesOn ? now.Pending >= step.Pending : now.Pending == 0);
            if (!same) throw new Checkers.SimulationException($"The way back was to do {step}, and the agent is {now}.");
        }
    }

    private ShardCut CutAt(long to)
    {
        var cut = new ShardCut(Options);
        foreach (var record in Store.Records())
            if (!cut.Take(record, to)) break;
        return cut;
    }

    private void Answer(AnswerOperator answer)
    {
        Answers.Add(answer);
        if (answer.Ticket is not OperatorRequest request) return;
        if (sabotage == Sabotage.ForgetsAnOperator && !forgotOne) forgotOne = true;
        else request.Answer(answer.Problem);
    }

    /// <summary>Those who asked are told that there will be no answer.</summary>
    private void DisappointThoseWhoWait()
    {
        foreach (var (_, request) in pasts) request.Disappoint();
        foreach (var request in Shard.OpenRequests.OfType<OperatorRequest>()) request.Disappoint();
        pasts.Clear();
    }
}
