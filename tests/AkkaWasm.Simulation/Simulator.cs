using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <summary>
/// Runs a mesh from a seed: one thread, time by hand, and a scheduler that picks what happens next: a publication, a turn, a commit, a death of
/// the process with the loss of what was not written, an image saved or lost, time passing, an agent put to sleep. In the end everything comes to rest.
/// </summary>
internal sealed class Simulator
{
    private const int Steps = 500;
    private const int MaxPublished = 120;

    private readonly Sabotage sabotage;
    private readonly TestGuests guests;
    private readonly Dictionary<string, MeshEvent> unacknowledged = [];
    private readonly Dictionary<string, long> acknowledged = [];
    private TurnRandom random;
    private TestMesh mesh;
    private int published;
    private bool calm;

    public Simulator(long seed, Sabotage sabotage = Sabotage.None)
    {
        this.sabotage = sabotage;
        random = new TurnRandom((ulong)seed);
        var topology = SimulatedMesh.Topology(ref random);
        guests = SimulatedMesh.Guests();
        guests.OnTurn = _ => !calm && random.NextInt(40) == 0 ? new GuestFault(FaultKind.Deadline, "deadline", "The host was slow.") : null;
        guests.OnCreate = _ => { if (!calm && random.NextInt(40) == 0) throw random.NextInt(2) == 0 ? new GuestRefusedException("The module was not there.") : new HostExhaustedException("The host had no memory."); };
        var options = new ShardOptions
        {
            MeshName = "simulated", MailboxWindow = 1 + random.NextInt(8), LogWindowBytes = 2_000 + random.NextInt(20_000), StateEveryRecords = 20 + random.NextInt(300),
            MaxUncommitted = 5 + random.NextInt(200), MaxBacklog = 200, MaxCausalDepth = 8, MaxAwake = random.NextInt(3) == 0 ? 1 + random.NextInt(6) : int.MaxValue,
        };
        mesh = new TestMesh(topology, guests, options, nowNs: TestMesh.Second, sabotage: sabotage, onAcknowledge: Acknowledge) { ResultsTakeTime = true };
    }

    public int Deaths { get; private set; }

    /// <summary>The whole run, and what is left of it.</summary>
    public History Run()
    {
        for (var step = 0; step < Steps; step++) Next();
        calm = true;
        for (var rounds = 0; unacknowledged.Count > 0; rounds++)
        {
            if (rounds > 50) throw new SimulationException("Publishers are not answered.");
            foreach (var e in unacknowledged.Values.ToArray()) mesh.Publish(TestMesh.Batch(e), e.Id);
            mesh.RunToIdle();
        }
        mesh.RunToIdle();
        for (var i = 0; i < 100 && mesh.Shard.NextAlarmNs is { } alarm; i++)
        {
            mesh.NowNs = alarm;
            mesh.Tick();
            mesh.RunToIdle();
        }
        return new History(mesh, acknowledged);
    }

    private void Next()
    {
        switch (random.NextInt(100))
        {
            case < 12: Publish(); break;
            case < 14: Republish(); break;
            case < 24: mesh.Cut(); break;
            case < 30: PassTime(); break;
            case < 33: mesh.Passivate(mesh.Shard.Agents.ElementAt(random.NextInt(mesh.Shard.Agents.Count())).Name); break;
            case < 34: Die(); break;
            case < 36 when mesh.Options.MaxAwake < int.MaxValue: mesh.Shard.MaxAwake = 1 + random.NextInt(mesh.Options.MaxAwake); break;
            case < 35: Release(); break;
            default: Step(); break;
        }
    }

    private void Step()
    {
        var steps = mesh.Steps();
        if (steps.Count == 0) return;
        var step = steps[random.NextInt(steps.Count)];
        if (step.Kind == StepKind.SaveImage && random.NextInt(5) == 0) mesh.SaveNextImage(lost: true);
        else mesh.Take(step);
        AllCheckers.Require(mesh.Awake <= mesh.Options.MaxAwake, $"{mesh.Awake} guests are there, at most {mesh.Options.MaxAwake} may be awake.");
    }

    private void Publish()
    {
        if (published >= MaxPublished) return;
        var events = new MeshEvent[1 + random.NextInt(3)];
        for (var i = 0; i < events.Length; i++)
        {
            var id = $"e{published++}";
            var text = random.NextInt(6) switch { 0 => $"trap{new string('!', random.NextInt(3))}", 1 => $"alert {id}", _ => id };
            events[i] = unacknowledged[id] = TestMesh.Event(random.NextInt(2) == 0 ? "feed.a" : "feed.b", text, id);
        }
        var batch = TestMesh.Batch(events);
        if (random.NextInt(3) == 0) batch = batch with { CursorOf = $"source{random.NextInt(2)}", Cursor = BitConverter.GetBytes(published) };
        mesh.Publish(batch, string.Join(' ', events.Select(e => e.Id)));
    }

    private void Republish()
    {
        if (unacknowledged.Count == 0) return;
        var e = unacknowledged.ElementAt(random.NextInt(unacknowledged.Count)).Value;
        mesh.Publish(TestMesh.Batch(e), e.Id);
    }

    private void PassTime()
    {
        mesh.NowNs += random.NextInt(4) switch { 0 => 0, 1 => 1_000_000L * random.NextInt(50), 2 => 100_000_000L * random.NextInt(10), _ => TestMesh.Second * random.NextInt(20) };
        mesh.Tick();
    }

    private void Release()
    {
        var held = mesh.Shard.Agents.SelectMany(a => mesh.Shard.Quarantine(a.Name)).ToArray();
        if (held.Length == 0) return;
        var one = held[random.NextInt(held.Length)];
        if (random.NextInt(2) == 0) mesh.Shard.Drop(one.Agent, one.Input, mesh.NowNs);
        else if ((mesh.Shard.FindEvent(one.Input) ?? (one.Input <= mesh.Shard.CommittedOffset ? mesh.Store.EventAt(one.Input) : null)) is { } e)
            mesh.Shard.Release(one.Agent, e, random.NextInt(2) == 0 ? "fixed"u8.ToArray() : default(ReadOnlyMemory<byte>?), mesh.NowNs);
    }

    private void Die()
    {
        Deaths++;
        mesh.Die(random.NextInt(mesh.Uncommitted + 1));
        if (sabotage == Sabotage.LosesACommittedBlock && mesh.Store.Blocks.Count > 3)
        {
            mesh.Store.Blocks.RemoveAt(mesh.Store.Blocks.Count - 1);
            mesh.Store.States.RemoveAll(s => s.Blocks > mesh.Store.Blocks.Count);
        }
        mesh = new TestMesh(mesh.Topology, guests, mesh.Options, mesh.Store, random.NextInt(2) == 0, mesh.NowNs, sabotage, Acknowledge) { ResultsTakeTime = true };
    }

    private void Acknowledge(AcknowledgePublish acknowledge)
    {
        foreach (var (id, offset) in ((string)acknowledge.Ticket).Split(' ').Zip(acknowledge.Offsets))
        {
            if (mesh.Store.LastOffset < offset) throw new SimulationException($"The event '{id}' was acknowledged at {offset}, durable is the log up to {mesh.Store.LastOffset}.");
            if (acknowledged.TryGetValue(id, out var before) && before != offset) throw new SimulationException($"The event '{id}' was acknowledged at {before} and at {offset}.");
            acknowledged[id] = offset;
            unacknowledged.Remove(id);
        }
    }
}

/// <summary>Something happened that must not.</summary>
internal sealed class SimulationException(string message) : Exception(message);
