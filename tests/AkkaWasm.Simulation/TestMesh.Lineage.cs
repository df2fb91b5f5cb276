using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>What the log says of the lives of agents, and the way back to an older one.</content>
internal sealed partial class TestMesh
{
    private string NameOf(int agent) => Shard.Agent(agent)!.Name;

    /// <summary>The name that an agent had in one of its lives.</summary>
    public string NameIn(int agent, int incarnation) => Shard.NamesOf(agent)!.Value.In(incarnation);

    private AgentIdentity Life(RebuildPlan plan, int agent, int incarnation, AgentDefinition definition) => new(agent, NameIn(agent, incarnation), incarnation, definition, NameIn);

    private RecordedTurn RecordedOf(RebuildPlan plan, LineageStep step, MeshEvent input) => new(input, step.Turn.Digest)
    {
        As = Life(plan, step.Turn.Agent, step.Turn.Incarnation, step.Definition), Move = step.Move, IsFree = step.IsFree,
    };

    /// <summary>How the turns of a plan are run again; moves that it does not name are those of the log.</summary>
    private (IEnumerable<LineageStep> Steps, AgentDefinition Begins) StepsOf(RebuildPlan plan, List<LineageTurn> turns)
    {
        if (sabotage == Sabotage.ForgetsMoves) return LineagePath.Of(turns, [], plan.Agent.Definition);
        var moves = plan.Moves.Concat(MovesAmong(turns, Store.Lineages())).DistinctBy(m => m.Input).Where(m => m == plan.Due || turns.Exists(t => t.Input == m.Input));
        return LineagePath.Of(turns, [.. moves], plan.Agent.Definition);
    }

    private static IEnumerable<LineageMove> MovesAmong(List<LineageTurn> turns, IEnumerable<LineageRecord> lineages)
    {
        var among = turns.Select(t => t.Input).ToHashSet();
        return lineages.SelectMany(l => l.Moves).Where(m => among.Contains(m.Input)).DistinctBy(m => m.Input);
    }

    private void Plan(PlanRewind rewind)
    {
        try
        {
            var target = sabotage == Sabotage.RewindsTooFar ? rewind.Target with { Turns = rewind.Target.Turns + 1 } : rewind.Target;
            var plan = Lives(rewind.Agent).Plan(target, TurnsOf);
            plan = plan with { Moves = [.. MovesAmong([.. plan.Turns], Store.Lineages())] };
            if (sabotage == Sabotage.NamesAnotherVersion && plan.Version is { } version) plan = plan with { Version = version with { ModuleHash = $"{version.ModuleHash.Split('#')[0]}#0" } };
            Shard.RewindPlanned(rewind.Agent, rewind.Token, WithImage(rewind.Agent, plan), NowNs);
        }
        catch (RewindRefusedException e)
        {
            Shard.RewindRefused(rewind.Agent, rewind.Token, e.Message, NowNs);
        }
    }

    /// <summary>The same way from the newest image that is on it.</summary>
    private RewindPlan WithImage(int agent, RewindPlan plan)
    {
        return Store.Images.Keys.Where(i => i.Agent == NameIn(agent, i.Incarnation) && i.Input <= plan.LastInput).OrderByDescending(i => i.Input)
            .Select(i => HashOf(Store.Images[i]) is { } hash ? plan.From(new LineageImage(agent, i.Incarnation, i.Input, hash)) : null).FirstOrDefault(p => p is not null)
            ?? (plan.IsWhole ? plan : throw new RewindRefusedException("The log does not reach back so far."));
    }

    /// <summary>The hash that a saved image says, or null if it is damaged.</summary>
    private static StateHash? HashOf(byte[] image)
    {
        try
        {
            return AgentImage.FromBytes(image).Hash;
        }
        catch (ImageCorruptException)
        {
            return null;
        }
    }

    private AgentLives Lives(int agent)
    {
        var lives = new AgentLives(agent) { LogIsCut = Store.Base is not null };
        if (Store.Base is { } known)
        {
            var cut = new ShardCut(Options);
            cut.Restore(known.State);
            if (agent < cut.AgentCount) lives.Begin(cut.AgentAt(agent));
        }
        foreach (var record in Store.KeptRecords()) lives.Take(record);
        return lives;
    }

    /// <summary>By all records that ever were.</summary>
    private AgentLives WholeLives(int agent)
    {
        var lives = new AgentLives(agent);
        foreach (var record in Store.Records()) lives.Take(record);
        return lives;
    }

    /// <summary>A runner of an agent in the state that a replay of all turns makes that its present life is made of, from turn 0 on.</summary>
    public AgentRunner Replayed(AgentStatus agent)
    {
        var plan = new RebuildPlan(Shard.Agent(agent.Number)!, 0, null, null, []);
        var turns = WholeLives(agent.Number).Turns(agent.Incarnation, null, WholeTurnsOf) ?? [];
        var (steps, begins) = LineagePath.Of(turns, [.. MovesAmong(turns, Store.Lineages())], plan.Agent.Definition);
        var recorded = steps.Select(s => RecordedOf(plan, s, Store.EverAt(s.Turn.Input)));
        return AgentRunner.Rebuild(Life(plan, agent.Number, agent.Incarnation, plan.Agent.Definition), Shard.Identity, Guests, null, recorded, null, begins);
    }

    /// <summary>The same after a turn of any of its lives.</summary>
    public AgentRunner Replayed(TurnRecord after)
    {
        var present = Shard.Agent(after.Agent)!; // all versions do the same where they do not trap, and these turns did not
        var plan = new RebuildPlan(present with { Definition = present.Definition with { ModuleHash = present.Definition.ModuleHash.TrimEnd('!') } }, 0, null, null, []);
        var turns = WholeLives(after.Agent).Turns(after.Incarnation, after.Input, WholeTurnsOf) ?? [];
        var (steps, begins) = LineagePath.Of(turns, [.. MovesAmong(turns, Store.Records().OfType<LineageRecord>())], plan.Agent.Definition);
        var recorded = steps.Select(s => RecordedOf(plan, s, Store.EverAt(s.Turn.Input)));
        return AgentRunner.Rebuild(Life(plan, after.Agent, after.Incarnation, plan.Agent.Definition), Shard.Identity, Guests, null, recorded, null, begins);
    }

    private List<LineageTurn>? WholeTurnsOf(LineageImage image) => WholeLives(image.Agent).Turns(image.Incarnation, image.Input, WholeTurnsOf);

    private List<LineageTurn>? TurnsOf(LineageImage image) => Lives(image.Agent).Turns(image.Incarnation, image.Input, TurnsOf);
}
