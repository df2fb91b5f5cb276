using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>Something that may happen next.</summary>
internal enum StepKind { Rebuild, Turn, Report, Cut, Commit, SaveImage, Load, Sleep, Plan, Decide, Past, Finish, Remove, Prepare, Canary, RollBack, Rule, ReadChange, AnswerChange, ReadPast }

internal readonly record struct Step(StepKind Kind, int Agent = -1);

/// <summary>
/// A whole mesh on one thread: the real shard, codecs and runners over a store, driven as the actors of a node drive them. Every call into the core
/// that a node makes is made here and nowhere else. Time moves by hand.
/// </summary>
internal sealed partial class TestMesh
{
    public const long Second = 1_000_000_000;

    private readonly Dictionary<int, TestActor> actors = [];
    private readonly SortedDictionary<int, Queue<Action>> underway = [];
    private readonly Queue<LogBlock> uncommitted = [];
    private readonly Queue<(int Blocks, CapturedState State)> captured = [];
    private readonly Queue<SaveImage> images = [];
    private readonly Queue<LoadEvents> loads = [];
    private readonly Queue<PutToSleep> sleepers = [];
    private readonly Queue<PlanRewind> plans = [];
    private readonly Sabotage sabotage;
    private readonly Action<AcknowledgePublish>? onAcknowledge;
    private int published;

    public TestMesh(
        MeshTopology topology, IGuestFactory guests, ShardOptions? options = null, MemoryStore? store = null, bool useStates = true, long? nowNs = null,
        Sabotage sabotage = Sabotage.None, Action<AcknowledgePublish>? onAcknowledge = null, bool replaces = false)
    {
        this.sabotage = sabotage;
        this.onAcknowledge = onAcknowledge;
        Topology = topology;
        Guests = guests;
        Options = options ?? new ShardOptions { MeshName = topology.Name };
        Store = store ?? new MemoryStore();
        NowNs = nowNs ?? 1_700_000_000 * Second;
        Shard = Recover(useStates);
        if (replaces) Shard.Guests = guests;
        Shard.Open(topology, NowNs);
        TakeEffects();
    }

    public MeshTopology Topology { get; }

    public IGuestFactory Guests { get; }

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

    /// <summary>Guests that are there and work, without those about whom a decision is underway.</summary>
    public int Awake => actors.Values.Count(a => a.Runner is { IsUsable: true } && !barred.ContainsKey(a.Agent));

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
        if (IsDraining) return new PublishProblem(PublishRefusal.Overloaded, 0, "The node is ending; publish the same batch again later.");
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
            else if (IsToPrepare(actor)) steps.Add(new(StepKind.Prepare, number));
            else if (actor.Inbox.Count > 0 && !actor.Failed) steps.Add(new(StepKind.Turn, number));
            else if (finishing?.Contains(actor) == true) steps.Add(new(StepKind.Finish, number));
        }
        foreach (var (number, results) in underway)
            if (results.Count > 0) steps.Add(new(StepKind.Report, number));
        if (loads.Count > 0) steps.Add(new(StepKind.Load));
        if (images.Count > 0) steps.Add(new(StepKind.SaveImage));
        if (sleepers.Count > 0) steps.Add(new(StepKind.Sleep));
        if (pastReads.Count > 0 && !IsDraining) steps.Add(new(StepKind.ReadPast));
        if (plans.Count > 0) steps.Add(new(StepKind.Plan));
        if (pasts.Count > 0) steps.Add(new(StepKind.Past));
        if (removals.Count > 0) steps.Add(new(StepKind.Remove));
        if (decisions.Count > 0) steps.Add(new(StepKind.Decide));
        if (CanDecideCanaries) steps.Add(new(StepKind.Canary));
        if (CanFollowVerdict) steps.Add(new(StepKind.RollBack));
        if (CanCarryOutRule) steps.Add(new(StepKind.Rule));
        if (asked.Count > 0 && !IsDraining) steps.Add(new(StepKind.ReadChange));
        if (CanAnswerChange) steps.Add(new(StepKind.AnswerChange));
        if (uncommitted.Count > 0) steps.Add(new(StepKind.Commit));
        return steps;
    }

    public void Take(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Rebuild: Rebuild(actors[step.Agent]); break;
            case StepKind.Turn: RunTurn(actors[step.Agent]); break;
            case StepKind.Report: underway[step.Agent].Dequeue()(); break;
            case StepKind.Prepare: Prepare(actors[step.Agent]); break;
            case StepKind.Decide: CarryOutDecision(); break;
            case StepKind.Cut: Cut(); break;
            case StepKind.Commit: Commit(); break;
            case StepKind.SaveImage: SaveNextImage(lost: false); break;
            case StepKind.Load: LoadNext(); break;
            case StepKind.Remove: RemoveSome(2); break;
            case StepKind.ReadPast: ReadPast(pastReads.Dequeue()); break;
            case StepKind.Plan: Plan(plans.Dequeue()); break;
            case StepKind.Past: pasts.Dequeue().Go(); break;
            case StepKind.Canary: DecideCanaries(); break;
            case StepKind.Rule: BeginRule(); break;
            case StepKind.RollBack: verdicts.Dequeue()(); break;
            case StepKind.ReadChange: ReadChange(asked.Dequeue()); break;
            case StepKind.AnswerChange: AnswerChange(read.Dequeue()); break;
            case StepKind.Finish: Finish(actors[step.Agent]); break;
            case StepKind.Sleep: FallAsleep(sleepers.Dequeue()); break;
        }
        TakeEffects();
        FinishReplaceIfReady();
        FinishDrains();
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
            NowNs = Math.Max(NowNs, Shard.NextAlarmNs ?? throw new InvalidOperationException($"The shard is stuck: not idle, and waits for nothing. {string.Join(", ", Shard.Agents.Where(a => a.Pending > 0 || a.State is not (AgentState.Running or AgentState.Asleep or AgentState.Stopped)).Select(a => $"{a.Name} is {a.State} with {a.Pending}"))}"));
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
        FinishDrains();
        Shard.ContinueCapture();
        SaveStates();
    }

    public bool Cut()
    {
        if (Shard.CutBlock() is not { } block) return false;
        ShowBeforeTheCommit(block);
        uncommitted.Enqueue(block);
        return true;
    }

    /// <summary>Commits the oldest block, shows it to those who subscribe and answers what waited for it.</summary>
    /// <exception cref="StoreException">The store failed: the shard has ended and has to be recovered.</exception>
    public void Commit()
    {
        var block = uncommitted.Dequeue();
        try
        {
            Store.Append(block);
        }
        catch (StoreException)
        {
            if (sabotage != Sabotage.RunsOnPastAHole)
            {
                uncommitted.Clear(); // nothing is written behind a hole
                throw;
            }
        }
        Shard.Committed(block);
        if (block.SavedState is { } state) captured.Enqueue((Store.Blocks.Count, state));
        else Shard.ContinueCapture();
        SaveStates();
        IsReady = true;
        foreach (var e in block.Events) Broadcast(e);
        SendReplies();
    }

    /// <summary>States that are complete: they are captured a few agents at a time, while all else goes on.</summary>
    private void SaveStates()
    {
        while (captured.TryPeek(out var next) && next.State.IsComplete)
        {
            captured.Dequeue();
            Store.SaveState(next.Blocks, next.State.ToMemory());
        }
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
        try
        {
            Store.SaveImage(image);
        }
        catch (StoreException)
        {
            if (IsDraining) saved.RemoveAll(s => s.Agent == agent); // the disk may have room again when the node has ended
            return;
        }
        Shard.ImageSaved(agent, image, NowNs);
    }

    /// <summary>The process dies: of what waits for its commit only the first blocks were written, and nobody was told.</summary>
    public void Die(int written)
    {
        try
        {
            for (; written > 0 && uncommitted.Count > 0; written--) Store.Append(uncommitted.Dequeue());
        }
        catch (StoreException)
        {
            // nobody is there any more to be told
        }
        foreach (var actor in actors.Values) actor.Runner?.Dispose();
        foreach (var actor in actors.Values) actor.Prepared?.Dispose();
        DisappointThoseWhoWait();
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
        return new TestMesh(topology ?? Topology, Guests, options ?? Options, blocks is { } count ? Store.Prefix(count) : Store, useStates, NowNs, replaces: Shard.Guests is not null) { published = published };
    }

    public AgentStatus Status(string name) => Shard.FindAgent(name) ?? throw new InvalidOperationException($"There is no agent '{name}'.");

    /// <summary>What an agent remembers; it is woken for that if it sleeps.</summary>
    public GuestMemory Memory(string name) => GuestMemory.Of(Awaken(name).Capture()!.Guest.Span);

    /// <summary>The runner of an agent, which is woken for that if it sleeps.</summary>
    public AgentRunner Awaken(string name) => TryAwaken(name)
        ?? throw new InvalidOperationException($"The agent '{name}' does not wake: {Status(name).Why ?? Status(name).State.ToString()}. {string.Join(' ', On($"mesh.agent.{name.Replace('/', '.')}.stopped").Select(e => Encoding.UTF8.GetString(e.Data.Span)))}");

    /// <summary>The same; null where a bad version cannot handle the events again that its state was made by, so that it is stopped.</summary>
    public AgentRunner? AwakenIfItMoves(string name)
    {
        var due = Shard.PlanRebuild(Status(name).Number, 0).Due;
        if (TryAwaken(name) is { } runner) return runner;
        var failed = On($"mesh.agent.{name.Replace('/', '.')}.failed").LastOrDefault();
        return due is { Way: MoveWay.Replay } && Status(name).State == AgentState.Stopped && failed is { Data: var why } && Encoding.UTF8.GetString(why.Span).Contains("bad-version", StringComparison.Ordinal)
            ? null
            : Awaken(name);
    }

    private AgentRunner? TryAwaken(string name)
    {
        Shard.Wake(name);
        TakeEffects();
        RunToIdle();
        if (RunnerOf(name) is { } atRest) return atRest;
        Shard.Wake(name); // it left again to keep a place free: looked at before it does
        for (TakeEffects(); RunnerOf(name) is null && Steps() is [var first, ..];) Take(first);
        return RunnerOf(name);
    }

    private AgentRunner? RunnerOf(string name) => actors.TryGetValue(Status(name).Number, out var actor) && actor.Runner is { IsUsable: true } runner ? runner : null;

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
                if (!IsDraining || !LeftByDrain.Contains(effect.GetType())) Carry(effect);
            }
    }

    private void Carry(ShardEffect effect)
    {
        switch (effect)
        {
            case DeliverEvents deliver:
                if (actors.TryGetValue(deliver.Agent, out var actor) && actor.Token == deliver.Token)
                    foreach (var e in sabotage == Sabotage.DeliversOutOfOrder ? deliver.Events.Reverse() : deliver.Events) actor.Inbox.Enqueue(e);
                break;
            case RebuildAgent rebuild: AfterDecisions(rebuild.Agent, rebuild); break;
            case HealAgents heal: Decide(heal); break;
            case EndAgent end: AfterDecisions(end.Agent, end); break;
            case SwapAgent swap: Swap(swap); break;
            case PutToSleep sleep: sleepers.Enqueue(sleep); break;
            case PlanRewind rewind: plans.Enqueue(rewind); break;
            case AnswerOperator answer: Answer(answer); break;
            case SaveImage save: images.Enqueue(save); break;
            case RemoveRows remove: removals.Enqueue(remove); break;
            case DropImage drop: Store.DropImage(drop); break;
            case CanaryIsDue: canariesAreDue = true; break;
            case RuleIsDue due: rulesDue.Enqueue(due); break;
            case PlanRollBack rollBack: Survey(rollBack); break;
            case ResolveChange resolve: asked.Enqueue(resolve.Request); break;
            case PromotionIsDue due: verdicts.Enqueue(() => Promote(due.Definition)); break;
            case LoadEvents load: loads.Enqueue(load); break;
            case ReadPast past: pastReads.Enqueue(past); break;
            case WriteLine line: Lines.Add($"{line.Agent}: {line.Line.Text}"); break;
            case AcknowledgePublish acknowledge: Acknowledge(acknowledge); break;
        }
    }

    private void Acknowledge(AcknowledgePublish acknowledge)
    {
        Acknowledged.Add(acknowledge);
        onAcknowledge?.Invoke(acknowledge);
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

    /// <summary>What it is rebuilt from.</summary>
    public required RebuildPlan Plan { get; init; }

    public AgentRunner? Runner { get; set; }

    /// <summary>What is to be made ready beside the guest, or null.</summary>
    public AgentToPrepare? Order { get; set; }

    /// <summary>What was made ready.</summary>
    public AgentRunner? Prepared { get; set; }

    public Queue<MeshEvent> Inbox { get; } = [];

    public bool Failed { get; set; }
}
