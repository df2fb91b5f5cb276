using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <summary>
/// Runs a mesh from a seed: one thread, time by hand, a store on a simulated disk, and a scheduler that picks what happens next: a message, a turn, a
/// commit, a death of the process or of the machine, an image saved or lost, time passing, an agent put to sleep, a fault. In the end the faults
/// are over and everything comes to rest.
/// </summary>
internal sealed partial class Simulator
{
    private readonly Sabotage sabotage;
    private readonly SimulationOptions options;
    private readonly Fault faults;
    private readonly Fault[] focused;
    private readonly Dice dice;
    private readonly Observations seen = new();
    private readonly MeshTopology topology;
    private readonly ShardOptions shardOptions;
    private readonly FaultyGuests guests;
    private readonly DiskStore disk;
    private readonly Publishers publishers;
    private TestMesh? mesh;
    private long nowNs = TestMesh.Second;
    private bool calm;

    public Simulator(long seed, SimulationOptions? options = null)
    {
        this.options = options ?? new SimulationOptions();
        sabotage = this.options.Sabotage;
        dice = new Dice((ulong)seed);
        var world = this.options.World();
        if (world is SimulatedMesh simulated && sabotage == Sabotage.LeaksTheClock) simulated.LeakedClock = () => mesh?.NowNs ?? 0;
        topology = world.Topology(dice);
        if (this.options.Replaces && dice.OneIn(2)) topology = GoingBackToVersions(topology);
        if (this.options.Pools) topology = WithPool(topology, dice);
        if (this.options.Rules) topology = WithRules(topology, this.options, dice);
        if (this.options.Integrates) topology = WithIntegrator(topology, dice);
        faults = (DrawFaults() | this.options.Focus) & ~this.options.Without;
        focused = [.. Injected.Where(f => this.options.Focus.HasFlag(f)).Distinct()];
        shardOptions = new ShardOptions
        {
            MeshName = "simulated", MailboxWindow = 1 + dice.Next(8), LogWindowBytes = 2_000 + dice.Next(20_000), StateEveryRecords = 10 + dice.Next(150), CaptureAgentsAtATime = seed % 2 == 0 ? int.MaxValue : 1 + (int)(seed % 5),
            MaxUncommitted = 5 + dice.Next(200), MaxBacklog = 200, MaxCausalDepth = 8, PastEventsAhead = 2 + (int)(seed % 9), MaxAwake = dice.OneIn(3) ? 1 + dice.Next(6) : int.MaxValue,
            BoundsIntegration = sabotage != Sabotage.IgnoresBounds,
            KeepsWatchedPools = sabotage != Sabotage.ResizesWatchedPools,
            HoldsMovedPartitions = sabotage != Sabotage.DeliversToNewOwnersAtOnce,
            IdempotencyKeys = sabotage == Sabotage.ForgetsIdempotencyKeys ? 1 : 10_000_000,
        };
        guests = new FaultyGuests(world.Guests(), dice, seen, sabotage);
        disk = new DiskStore(dice, seen, sabotage) { LosesSnapshots = Has(Fault.LostSnapshot) };
        publishers = new Publishers(dice, world, seen, Has, sabotage);
    }

    /// <summary>How often the process or the machine died, or the shard ended because the store failed.</summary>
    public int Deaths { get; private set; }

    /// <summary>How often a damaged log was refused.</summary>
    public int Refusals { get; private set; }

    /// <summary>The step that is being made, from 0; at rest the number of steps.</summary>
    public int StepNumber { get; private set; }

    /// <summary>The classes of faults that this seed has.</summary>
    public Fault Faults => faults;

    /// <summary>The whole run, and what is left of it.</summary>
    public History Run()
    {
        for (StepNumber = 0; StepNumber < options.Steps; StepNumber++) Guard(Next);
        ComeToRest();
        return new History(mesh!, seen, topology);
    }

    /// <summary>Each class of faults in three seeds of four, so that no fault hides behind another in all of them.</summary>
    private Fault DrawFaults() =>
        Enum.GetValues<Fault>().Where(f => f is not Fault.None and not Fault.All).Aggregate(Fault.None, (all, one) => dice.OneIn(4) ? all : all | one);

    private bool Has(Fault fault) => !calm && faults.HasFlag(fault);

    /// <summary>What a store or a damaged log makes a node do: end, and begin again.</summary>
    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (StoreException)
        {
            EndNode(powerLoss: false);
        }
        catch (LogCorruptException e)
        {
            Refuse(e);
        }
        if (mesh is not null) nowNs = mesh.NowNs;
    }

    private void Refuse(LogCorruptException refusal)
    {
        if (!disk.IsLogDamaged) throw new SimulationException($"The log was refused though it is what was written: {refusal.Message}", refusal);
        if (refusal.FirstLost < 0 && !refusal.Message.StartsWith("Row ", StringComparison.Ordinal)) throw new SimulationException($"The log was refused without saying where: {refusal.Message}", refusal);
        Refusals++;
        disk.Repair();
        if (mesh is not null) EndNode(powerLoss: false);
    }

    private void EndNode(bool powerLoss)
    {
        Deaths++;
        mesh?.Die(dice.Next(mesh.Uncommitted + 1));
        mesh = null;
        ForgetSourceRewind();
        publishers.Disconnect();
        disk.Reopen(powerLoss);
    }

    private void Start()
    {
        guests.Fails = Has(Fault.HostFault);
        TestMesh? begun = null;
        begun = new TestMesh(OpenedTopology, guests, shardOptions, disk, dice.OneIn(2) || sabotage == Sabotage.SkipsBlocksAfterAnOlderState, nowNs, sabotage, a => publishers.Acknowledge(a, begun!), options.Replaces)
        {
            ResultsTakeTime = true, Watched = seen,
        };
        mesh = begun;
    }

    private MeshTopology OpenedTopology => sabotage switch
    {
        Sabotage.IgnoresBudgets => topology with { Groups = [.. topology.Groups.Select(g => g with { Supervision = g.Supervision with { MaxNrOfRetries = -1 } })] },
        Sabotage.IgnoresCircuits => topology with { Agents = [.. topology.Agents.Select(a => a with { Circuit = null })] },
        Sabotage.IgnoresQuotas => topology with { Agents = [.. topology.Agents.Select(a => a with { Spawn = SpawnQuota.Default })] },
        Sabotage.EndsTooEarly => topology with { Agents = [.. topology.Agents.Select(a => a with { Apoptosis = a.Apoptosis with { IdleAfter = a.Apoptosis.IdleAfter / 2 } })] },
        Sabotage.ActsInDryRuns => topology with { Rules = Falsified(topology, rule => rule with { IsDryRun = false }) },
        Sabotage.ActsTooSoon => topology with { Rules = Falsified(topology, rule => rule with { For = TimeSpan.Zero, CoolDown = TimeSpan.Zero }) },
        _ => topology,
    };

    /// <summary>All faults are over, the log is put back to what was written, publishers send until they are answered.</summary>
    private void ComeToRest()
    {
        calm = true;
        (guests.Fails, disk.IsFull, disk.LosesSnapshots, disk.Next) = (false, false, false, Fault.None);
        stalls.Clear();
        if (mesh is not null && (disk.IsLogDamaged || mesh.IsDraining)) EndNode(powerLoss: false);
        disk.Repair();
        if (sourceRewind is { ReadUpTo: >= 0, Answers: 0 }) Guard(() => mesh?.RunToIdle()); // sources stand still until the mesh has gone back
        ForgetSourceRewind();
        for (var rounds = 0; mesh is null || !publishers.IsDone; rounds++)
        {
            if (rounds > 100) throw new SimulationException($"Publishers are not answered: {publishers.Waits}.");
            Guard(Settle);
        }
        Guard(() =>
        {
            ResumeAll();
            mesh.RunToIdle();
            for (var more = 20; more > 0 && MayRetain && mesh.Retain(1); more--) mesh.RunToIdle(); // where all have their images, each record of it lets the row of the one before go
            for (var i = dice.Next(4); i > 0; i--)
            {
                mesh.NowNs += TestMesh.Second;
                mesh.ObserveHealth();
                mesh.RunToIdle();
            }
            ResumeAll(); // whom a rule lets wait
            mesh.RunToIdle();
        });
        for (var i = 0; i < 100 && mesh!.Shard.NextAlarmNs is { } alarm; i++)
        {
            mesh.NowNs = Math.Max(mesh.NowNs, alarm);
            mesh.Tick();
            mesh.RunToIdle();
        }
    }

    private void Settle()
    {
        if (mesh is null) Start();
        if (!mesh!.IsReady) mesh.RunToIdle();
        ResumeAll();
        publishers.RepublishAll();
        publishers.StepSources(mesh);
        publishers.DeliverAll(mesh);
        mesh.RunToIdle();
    }
}
