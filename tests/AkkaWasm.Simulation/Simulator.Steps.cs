using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <content>What may happen next.</content>
internal sealed partial class Simulator
{
    private static readonly Fault[] Injected =
    [
        Fault.Kill, Fault.PowerLoss, Fault.ShortWrite, Fault.FailingSync, Fault.LostConnection, Fault.FullDisk, Fault.SlowDisk,
        Fault.StalledAgent, Fault.StalledAgent, Fault.LogDamage, Fault.ImageDamage, Fault.ImageDamage, Fault.StateDamage,
    ];

    /// <summary>What does nothing for a while, up to which step: an agent by its number, the disk as <see cref="SlowDisk"/>, a full disk as <see cref="FullDisk"/>.</summary>
    private readonly Dictionary<int, int> stalls = [];

    private const int SlowDisk = -1;
    private const int FullDisk = -2;

    private void Next()
    {
        foreach (var over in stalls.Where(s => s.Value <= StepNumber).Select(s => s.Key).ToList()) stalls.Remove(over);
        disk.IsFull = stalls.ContainsKey(FullDisk);
        if (mesh is null)
        {
            if (dice.OneIn(3)) Start();
            else PassTime();
            return;
        }
        if (mesh.IsDraining && mesh.TryEndDrain())
        {
            EndDrained();
            return;
        }
        RewindWithSources();
        ChangeTopology();
        ReplaceModules();
        ChangePools();
        ChangeRules();
        var draw = dice.Next(100);
        if (draw < 20 && (mesh.IsReady || sabotage == Sabotage.ServesBeforeItsEpoch)) FromOutside(draw);
        else if (draw is >= 20 and < 26) InjectFault();
        else Inside(draw);
    }

    private void FromOutside(int draw)
    {
        switch (draw)
        {
            case < 9: publishers.Publish(); break;
            case < 10: publishers.Republish(); break;
            case < 14: publishers.Deliver(mesh!); break;
            case < 16: publishers.StepSource(mesh!); break;
            case < 18 when !dice.OneIn(5): Operate(); break;
            case < 18: mesh!.Ask(shard => (shard.Totals, shard.Top(AgentOrder.Health, 3)), _ => { }); break;
            case < 19: Release(); break;
            default:
                if (Has(Fault.Conflict)) publishers.Conflict(mesh!);
                break;
        }
    }

    private void Inside(int draw)
    {
        switch (draw)
        {
            case < 37: mesh!.Cut(); break;
            case < 42: PassTime(); break;
            case < 45: mesh!.Passivate(mesh.Shard.Agents.ElementAt(dice.Next(mesh.Shard.Agents.Count())).Name); break;
            case < 46 when shardOptions.MaxAwake < int.MaxValue: mesh!.Shard.MaxAwake = 1 + dice.Next(shardOptions.MaxAwake); break;
            case < 49: Retain(); break;
            default: Step(); break;
        }
    }

    /// <summary>
    /// Whether the beginning of the log may go: with every image that the log leads on from damaged, and no first turn to stand in for it, an agent is lost;
    /// that is what whoever lets the log go accepts.
    /// </summary>
    private bool MayRetain => !faults.HasFlag(Fault.ImageDamage);

    /// <summary>
    /// The log's beginning goes; or an operator does something about what holds it from furthest back. Where images are damaged, the node says now and then
    /// that it found one.
    /// </summary>
    private void Retain()
    {
        if (!mesh!.IsReady) return;
        if (!MayRetain)
        {
            if (dice.OneIn(4)) mesh.NoteDamage("An image that was looked at is damaged.");
            return;
        }
        var images = 1 + dice.Next(2);
        if (mesh.Retain(images, dice.Next(3))) return;
        var (shard, old) = (mesh.Shard, mesh.Shard.NextOffset / 2);
        foreach (var hold in shard.Holds(images).Where(h => h.From < old).ToList())
        {
            if (hold.Reason is LogHoldReason.Watched or LogHoldReason.Subscription) continue;
            if (hold.Reason != LogHoldReason.Quarantined) mesh.Passivate(hold.Agent);
            foreach (var held in shard.Quarantine(hold.Agent).Where(q => q.Input < old)) shard.Drop(hold.Agent, held.Input, mesh.NowNs);
        }
    }

    /// <summary>One of the faults that are injected at a step; those of the focus as often as all others together.</summary>
    private void InjectFault()
    {
        if (focused.Length > 0 && dice.OneIn(2)) Inject(dice.Of(focused));
        else Inject(dice.Of(Injected));
    }

    private void Inject(Fault fault)
    {
        if (!Has(fault)) return;
        switch (fault)
        {
            case Fault.Kill or Fault.PowerLoss: Die(fault); break;
            case Fault.ShortWrite or Fault.FailingSync or Fault.LostConnection: disk.Next = fault; break;
            case Fault.FullDisk: Stall(fault, FullDisk); break;
            case Fault.SlowDisk: Stall(fault, SlowDisk); break;
            case Fault.StalledAgent: Stall(fault, dice.Next(mesh!.Shard.Agents.Count())); break;
            case Fault.LogDamage: Damage(fault, disk.DamageLog); break;
            case Fault.ImageDamage: Damage(fault, disk.DamageImage); break;
            case Fault.StateDamage: Damage(fault, disk.DamageState); break;
        }
    }

    private void Damage(Fault fault, Func<bool> damage)
    {
        if (Has(fault) && damage()) seen.Count(fault);
    }

    private void Stall(Fault fault, int what)
    {
        seen.Count(fault);
        stalls[what] = StepNumber + 1 + dice.Next(40);
    }

    private void Die(Fault fault)
    {
        seen.Count(fault);
        if (dice.OneIn(2)) disk.Next = dice.OneIn(2) ? Fault.ShortWrite : Fault.FailingSync;
        EndNode(fault == Fault.PowerLoss);
        if (fault == Fault.PowerLoss && disk.DurableOffset == Position.None) return;
        if (dice.OneIn(4)) Damage(Fault.LostTail, disk.LoseTail);
    }

    private void Step()
    {
        var steps = mesh!.Steps();
        if (stalls.Count > 0) steps.RemoveAll(s => stalls.ContainsKey(s.Kind == StepKind.Commit ? SlowDisk : s.Agent >= 0 ? s.Agent : int.MaxValue));
        if (steps.Count == 0) return;
        if (mesh.IsReplacing && steps.FindAll(s => s.Kind is StepKind.Prepare or StepKind.Report or StepKind.Turn) is { Count: > 0 } ahead && !dice.OneIn(4)) steps = ahead;
        var step = steps[dice.Next(steps.Count)];
        if (step.Kind == StepKind.SaveImage && Has(Fault.LostSnapshot) && dice.OneIn(5))
        {
            seen.Count(Fault.LostSnapshot);
            mesh.SaveNextImage(lost: true);
        }
        else mesh.Take(step);
        if (mesh.Awake > shardOptions.MaxAwake) throw new SimulationException($"{mesh.Awake} guests are there, at most {shardOptions.MaxAwake} may be awake.");
    }

    private void PassTime()
    {
        var passed = dice.Next(4) switch { 0 => 0, 1 => 1_000_000L * dice.Next(50), 2 => 100_000_000L * dice.Next(10), _ => TestMesh.Second * dice.Next(20) };
        if (Has(Fault.ClockJump) && dice.OneIn(5))
        {
            seen.Count(Fault.ClockJump);
            passed = dice.OneIn(2) ? 60 * TestMesh.Second * dice.Next(30) : -Math.Min(nowNs - TestMesh.Second, 60 * TestMesh.Second * dice.Next(10));
        }
        nowNs += passed;
        if (mesh is null) return;
        mesh.NowNs = nowNs;
        mesh.Tick();
        if (mesh.IsReady) mesh.ObserveHealth();
    }

    private void Release()
    {
        var held = mesh!.Shard.Agents.SelectMany(a => mesh.Shard.Quarantine(a.Name)).ToArray();
        if (held.Length == 0) return;
        if (dice.OneIn(8))
        {
            ReleaseMany();
            return;
        }
        var one = held[dice.Next(held.Length)];
        if (dice.OneIn(2)) mesh.Shard.Drop(one.Agent, one.Input, mesh.NowNs);
        else if ((mesh.Shard.FindEvent(one.Input) ?? (one.Input <= mesh.Shard.CommittedOffset ? mesh.Store.EventAt(one.Input) : null)) is { } e)
            mesh.Shard.Release(one.Agent, e, dice.OneIn(2) ? "fixed"u8.ToArray() : default(ReadOnlyMemory<byte>?), mesh.NowNs);
    }
}
