using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>What a driver of the mesh can do wrong; the simulation must notice each.</summary>
internal enum Sabotage { None, LosesACommittedBlock, AcknowledgesBeforeTheCommit, DeliversOutOfOrder, RunsCancelledTimers }

/// <summary>Something that may happen next.</summary>
internal enum StepKind { Rebuild, Turn, Report, Cut, Commit, SaveImage, Load, Sleep, Plan }

internal readonly record struct Step(StepKind Kind, int Agent = -1);

/// <summary>A whole mesh on one thread: the real shard, codecs and runners, a store in memory and guests in C#. Time moves by hand.</summary>
internal sealed class TestMesh
{
    public const long Second = 1_000_000_000;

    private readonly Dictionary<int, TestActor> actors = [];
    private readonly SortedDictionary<int, Queue<(TestActor Actor, TurnResult Result, AgentImage? Image)>> underway = [];
    private readonly Queue<LogBlock> uncommitted = [];
    private readonly Queue<SaveImage> images = [];
    private readonly Queue<LoadEvents> loads = [];
    private readonly Queue<PutToSleep> sleepers = [];
    private readonly Queue<PlanRewind> plans = [];
    private readonly Sabotage sabotage;
    private readonly Action<AcknowledgePublish>? onAcknowledge;
    private int published;

    public TestMesh(
        MeshTopology topology, TestGuests guests, ShardOptions? options = null, MemoryStore? store = null, bool useStates = true, long? nowNs = null,
        Sabotage sabotage = Sabotage.None, Action<AcknowledgePublish>? onAcknowledge = null)
    {
        this.sabotage = sabotage;
        this.onAcknowledge = onAcknowledge;
        Topology = topology;
        Guests = guests;
        Options = options ?? new ShardOptions { MeshName = topology.Name };
        Store = store ?? new MemoryStore();
        NowNs = nowNs ?? 1_700_000_000 * Second;
        Shard = new Shard(Options);
        Recover(useStates);
        Shard.Open(topology, NowNs);
        TakeEffects();
    }

    public MeshTopology Topology { get; }

    public TestGuests Guests { get; }

    public ShardOptions Options { get; }

    public MemoryStore Store { get; }

    public Shard Shard { get; }

    public long NowNs { get; set; }

    /// <summary>Whether results of turns are on their way for a while, so that they may arrive when the life that sent them is over.</summary>
    public bool ResultsTakeTime { get; init; }

    public List<AcknowledgePublish> Acknowledged { get; } = [];

    public List<AnswerOperator> Answers { get; } = [];

    public List<HealAgents> Healings { get; } = [];

    public List<string> Lines { get; } = [];

    public List<ShardEffect> Effects { get; } = [];

    public int Loads { get; private set; }

    public IReadOnlyDictionary<int, TestActor> Actors => actors;

    public int Uncommitted => uncommitted.Count;

    /// <summary>Guests that are there and work.</summary>
    public int Awake => actors.Values.Count(a => a.Runner is { IsUsable: true });

    /// <summary>The most that were ever there together.</summary>
    public int MostAwake { get; private set; }

    public static MeshEvent Event(string topic, string data, string id, string? subject = null) => new()
    {
        Topic = topic, Id = id, Source = "/tests", Subject = subject, Data = Encoding.UTF8.GetBytes(data), ContentType = "text/plain",
    };

    public static PublishBatch Batch(params MeshEvent[] events) => new([.. events]);

    /// <summary>Publishes one event with an id of its own.</summary>
    public PublishProblem? Publish(string topic, string data = "", string? id = null, object? ticket = null, string? subject = null) =>
        Publish(Batch(Event(topic, data, id ?? $"e{published++}", subject)), ticket);

    public PublishProblem? Publish(PublishBatch batch, object? ticket = null)
    {
        var next = Shard.NextOffset;
        var problem = Shard.Publish(batch, ticket, NowNs);
        if (sabotage == Sabotage.AcknowledgesBeforeTheCommit && problem is null && ticket is not null && Shard.NextOffset > next)
            Acknowledge(new AcknowledgePublish(ticket, [.. batch.Events.Select((_, i) => Shard.NextOffset - batch.Events.Length + i)], 0));
        TakeEffects();
        return problem;
    }

    /// <summary>All that may happen next, apart from time.</summary>
    public List<Step> Steps()
    {
        var steps = new List<Step>();
        foreach (var (number, actor) in actors.OrderBy(a => a.Key))
        {
            if (actor.Runner is null && !actor.Failed) steps.Add(new(StepKind.Rebuild, number));
            else if (actor.Inbox.Count > 0 && !actor.Failed) steps.Add(new(StepKind.Turn, number));
        }
        foreach (var (number, results) in underway)
            if (results.Count > 0) steps.Add(new(StepKind.Report, number));
        if (loads.Count > 0) steps.Add(new(StepKind.Load));
        if (images.Count > 0) steps.Add(new(StepKind.SaveImage));
        if (sleepers.Count > 0) steps.Add(new(StepKind.Sleep));
        if (plans.Count > 0) steps.Add(new(StepKind.Plan));
        if (uncommitted.Count > 0) steps.Add(new(StepKind.Commit));
        return steps;
    }

    public void Take(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Rebuild: Rebuild(actors[step.Agent]); break;
            case StepKind.Turn: RunTurn(actors[step.Agent]); break;
            case StepKind.Report: Arrive(underway[step.Agent].Dequeue()); break;
            case StepKind.Cut: Cut(); break;
            case StepKind.Commit: Commit(); break;
            case StepKind.SaveImage: SaveNextImage(lost: false); break;
            case StepKind.Load: LoadNext(); break;
            case StepKind.Plan: Plan(plans.Dequeue()); break;
            case StepKind.Sleep: FallAsleep(sleepers.Dequeue()); break;
        }
        TakeEffects();
    }

    /// <summary>Goes on until nothing more happens without time passing.</summary>
    public TestMesh Run()
    {
        for (var steps = 0; ; steps++)
        {
            if (steps > 100_000) throw new InvalidOperationException("The mesh does not come to rest.");
            if (Steps() is [var first, ..]) Take(first);
            else if (!Cut()) return this;
        }
    }

    /// <summary>Goes on until the shard is idle; time jumps to the next alarm when nothing else happens.</summary>
    public TestMesh RunToIdle()
    {
        for (Run(); !Shard.IsIdle; Run())
        {
            NowNs = Math.Max(NowNs, Shard.NextAlarmNs ?? throw new InvalidOperationException("The shard is stuck: not idle, and waits for nothing."));
            Tick();
        }
        return this;
    }

    public TestMesh Pass(TimeSpan time)
    {
        NowNs += time.Ticks * 100;
        Tick();
        return Run();
    }

    public void Tick()
    {
        Shard.Tick(NowNs);
        TakeEffects();
    }

    public bool Cut()
    {
        if (Shard.CutBlock() is not { } block) return false;
        uncommitted.Enqueue(block);
        return true;
    }

    public void Commit()
    {
        var block = uncommitted.Dequeue();
        Store.Append(block);
        Shard.Committed(block);
    }

    /// <summary>Makes what is open durable and nothing else.</summary>
    public TestMesh CommitAll()
    {
        Cut();
        while (uncommitted.Count > 0) Take(new(StepKind.Commit));
        return this;
    }

    public void SaveNextImage(bool lost)
    {
        var (agent, image) = images.Dequeue();
        if (lost) return;
        Store.Images[(image.Agent, image.Incarnation, image.Input)] = image.ToBytes();
        Shard.ImageSaved(agent, image, NowNs);
    }

    /// <summary>The process dies: of what waits for its commit only the first blocks were written, and nobody was told.</summary>
    public void Die(int written)
    {
        for (; written > 0 && uncommitted.Count > 0; written--) Store.Append(uncommitted.Dequeue());
        foreach (var actor in actors.Values) actor.Runner?.Dispose();
    }

    /// <summary>Says that an agent has nothing to do and may sleep.</summary>
    public void Passivate(string name)
    {
        var status = Status(name);
        if (!actors.TryGetValue(status.Number, out var actor) || actor.Runner is not { IsUsable: true }) return;
        Shard.AgentIdle(status.Number, actor.Token);
        TakeEffects();
    }

    /// <summary>The same store under a new shard: what was not committed is lost, unless it is written first.</summary>
    public TestMesh Restart(bool commitFirst = true, MeshTopology? topology = null, int? blocks = null, ShardOptions? options = null, bool useStates = true)
    {
        if (commitFirst) CommitAll();
        return new TestMesh(topology ?? Topology, Guests, options ?? Options, blocks is { } count ? Store.Prefix(count) : Store, useStates, NowNs) { published = published };
    }

    public AgentStatus Status(string name) => Shard.FindAgent(name) ?? throw new InvalidOperationException($"There is no agent '{name}'.");

    /// <summary>What an agent remembers; it is woken for that if it sleeps.</summary>
    public GuestMemory Memory(string name)
    {
        Shard.Wake(name);
        TakeEffects();
        RunToIdle();
        return GuestMemory.Of(actors[Status(name).Number].Runner!.Capture()!.Guest.Span);
    }

    public string[] Seen(string name) => [.. Memory(name).Seen];

    /// <summary>Topics and texts of all events so far, those about agents left out.</summary>
    public string[] Log() => [.. Store.Events().Where(e => !e.Topic.StartsWith("mesh.", StringComparison.Ordinal)).Select(e => $"{e.Topic}:{Encoding.UTF8.GetString(e.Data.Span)}")];

    public MeshEvent[] On(string topic) => [.. Store.Events().Where(e => e.Topic == topic)];

    private void TakeEffects()
    {
        while (Shard.TakeEffects() is { Count: > 0 } effects)
            foreach (var effect in effects)
            {
                Effects.Add(effect);
                Carry(effect);
            }
    }

    private void Recover(bool useStates)
    {
        var skip = 0;
        if (useStates && Store.States.Count > 0)
        {
            Shard.Restore(Store.States[^1].State);
            skip = Store.States[^1].Blocks;
        }
        foreach (var block in Store.Blocks.Skip(skip)) Shard.Recover(block);
    }

    private void Carry(ShardEffect effect)
    {
        switch (effect)
        {
            case DeliverEvents deliver:
                if (actors.TryGetValue(deliver.Agent, out var actor) && actor.Token == deliver.Token)
                    foreach (var e in sabotage == Sabotage.DeliversOutOfOrder ? deliver.Events.Reverse() : deliver.Events) actor.Inbox.Enqueue(e);
                break;
            case RebuildAgent rebuild:
                End(rebuild.Agent);
                actors[rebuild.Agent] = new TestActor(rebuild.Agent, rebuild.Token);
                break;
            case HealAgents heal:
                Healings.Add(heal);
                foreach (var agent in heal.Decision.Affected) End(agent);
                break;
            case EndAgent end:
                End(end.Agent);
                break;
            case PutToSleep sleep: sleepers.Enqueue(sleep); break;
            case PlanRewind rewind: plans.Enqueue(rewind); break;
            case AnswerOperator answer: Answers.Add(answer); break;
            case SaveImage save: images.Enqueue(save); break;
            case LoadEvents load: loads.Enqueue(load); break;
            case WriteLine line: Lines.Add($"{line.Agent}: {line.Line.Text}"); break;
            case AcknowledgePublish acknowledge: Acknowledge(acknowledge); break;
        }
    }

    private void Acknowledge(AcknowledgePublish acknowledge)
    {
        Acknowledged.Add(acknowledge);
        onAcknowledge?.Invoke(acknowledge);
    }

    private void End(int agent)
    {
        if (actors.Remove(agent, out var actor)) actor.Runner?.Dispose();
    }

    private void Rebuild(TestActor actor)
    {
        var plan = Shard.PlanRebuild(actor.Agent, actor.Token);
        try
        {
            var image = plan.Image ?? (plan.SavedImage is { } saved ? AgentImage.FromBytes(Store.Images[(NameOf(saved.Agent), saved.Incarnation, saved.Input)]) : null);
            var turns = plan.Inputs.Select(t => new RecordedTurn(Shard.FindEvent(t.Input) ?? Store.EventAt(t.Input), t.Digest) { As = Life(plan, t.Agent, t.Incarnation) });
            var imageOf = plan.SavedImage is { } of ? Life(plan, of.Agent, of.Incarnation) : null;
            actor.Runner = AgentRunner.Rebuild(Life(plan, plan.Agent.Number, plan.Agent.Incarnation), Shard.Identity, Guests, image, turns, imageOf);
            if (plan.Compact && actor.Runner.MayHaveGarbage) actor.Runner.Compact();
        }
        catch (Exception e) when (e is GuestRefusedException or HostExhaustedException or ImageCorruptException or ReplayDivergedException)
        {
            actor.Failed = true;
            Shard.AgentUnavailable(actor.Agent, actor.Token, new GuestFault(FaultKind.Operating, e is HostExhaustedException ? GuestFault.HostOutOfMemory : "rebuild", e.Message), NowNs);
            return;
        }
        MostAwake = Math.Max(MostAwake, Awake);
        Shard.AgentReady(actor.Agent, actor.Token, NowNs);
    }

    private string NameOf(int agent) => Shard.Agent(agent)!.Name;

    private AgentIdentity Life(RebuildPlan plan, int agent, int incarnation) => new(agent, NameOf(agent), incarnation, plan.Agent.Definition, NameOf);

    private void Plan(PlanRewind rewind)
    {
        try
        {
            var plan = Lives(rewind.Agent).Plan(rewind.Target, TurnsOf);
            var name = NameOf(rewind.Agent);
            var image = Store.Images.Keys.Where(i => i.Agent == name && i.Input <= plan.LastInput).OrderByDescending(i => i.Input)
                .Select(i => plan.From(new LineageImage(rewind.Agent, i.Incarnation, i.Input, AgentImage.FromBytes(Store.Images[i]).Hash))).FirstOrDefault(p => p is not null);
            Shard.RewindPlanned(rewind.Agent, rewind.Token, image ?? plan, NowNs);
        }
        catch (RewindRefusedException e)
        {
            Shard.RewindRefused(rewind.Agent, rewind.Token, e.Message, NowNs);
        }
    }

    private AgentLives Lives(int agent)
    {
        var lives = new AgentLives(agent);
        foreach (var record in Store.Records()) lives.Take(record);
        return lives;
    }

    private List<LineageTurn>? TurnsOf(LineageImage image) => Lives(image.Agent).Turns(image.Incarnation, image.Input, TurnsOf);

    /// <summary>As an agent's actor does: with an image first, if it has one, and the guest given back before the shard is told.</summary>
    private void FallAsleep(PutToSleep sleep)
    {
        if (!actors.TryGetValue(sleep.Agent, out var actor) || actor.Token != sleep.Token || actor.Runner is not { IsUsable: true } runner) return;
        var image = runner.Turns > 0 ? runner.Capture() : null;
        if (image is not null) Shard.ImageTaken(sleep.Agent, sleep.Token, image);
        else if (!sleep.Forced)
        {
            Shard.AgentStaysAwake(sleep.Agent, sleep.Token);
            return;
        }
        runner.Dispose();
        actor.Runner = null;
        actor.Failed = true;
        Shard.AgentAsleep(sleep.Agent, sleep.Token);
    }

    private void RunTurn(TestActor actor)
    {
        var input = actor.Inbox.Dequeue();
        if (actor.Runner!.Skips(input) && sabotage != Sabotage.RunsCancelledTimers) return;
        var result = actor.Runner.Run(input, actor.Token);
        actor.Failed = result.Fault is not null;
        if (!actor.Failed && actor.Runner.IsCompactionDue) actor.Runner.Compact();
        var image = !actor.Failed && actor.Runner.Turns % actor.Runner.Agent.Definition.SnapshotEveryTurns == 0 ? actor.Runner.Capture() : null;
        if (!underway.TryGetValue(actor.Agent, out var results)) underway[actor.Agent] = results = [];
        results.Enqueue((actor, result, image));
        if (!ResultsTakeTime) Arrive(results.Dequeue());
    }

    private void Arrive((TestActor Actor, TurnResult Result, AgentImage? Image) message)
    {
        Shard.Complete(message.Result, NowNs);
        if (message.Image is { } image) Shard.ImageTaken(message.Actor.Agent, message.Actor.Token, image);
    }

    private void LoadNext()
    {
        Loads++;
        var load = loads.Dequeue();
        Shard.EventsLoaded(load.From, load.To, Store.EventsBetween(load.From, load.To));
    }
}

/// <summary>The actor of an agent: one life of it.</summary>
internal sealed class TestActor(int agent, int token)
{
    public int Agent => agent;

    public int Token => token;

    public AgentRunner? Runner { get; set; }

    public Queue<MeshEvent> Inbox { get; } = [];

    public bool Failed { get; set; }
}
