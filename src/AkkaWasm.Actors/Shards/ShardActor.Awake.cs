using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Mesh.Shards;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>Agents go to sleep, memory is watched, and with it once a second how agents are and how large pools should be.</content>
internal sealed partial class ShardActor
{
    /// <summary>How often memory is looked at, and after how many agents that woke.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private const int LookEveryWakings = 256;

    private readonly AwakeGovernor governor;
    private readonly ITimer lookout;
    private int wakings;

    private void CarryOut(PutToSleep sleep)
    {
        if (live.TryGetValue(sleep.Agent, out var agent)) agent.Tell(new FallAsleep(sleep.Token, sleep.Forced));
        else shard.AgentAsleep(sleep.Agent, sleep.Token);
    }

    private void CountWaking()
    {
        if (++wakings % LookEveryWakings == 0) LookAtMemory();
    }

    private void Look()
    {
        LookAtMemory();
        if (isReady && draining is null)
        {
            shard.ObserveHealth(NowNs);
            shard.ObservePools(NowNs);
        }
        context.Journal.ForgetUnused();
        lookout.Change(LookEvery, Timeout.InfiniteTimeSpan);
    }

    private void LookAtMemory()
    {
        var resident = context.Memory.ResidentBytes();
        var isNews = governor.Look(resident, shard.AwakeCounts.Awake);
        shard.MaxAwake = governor.MaxAwake;
        context.Board.ShowAwake(shard.AwakeCounts);
        context.Board.ShowMemory(resident, governor.MaxAwake);
        if (isNews) NodeLog.MemoryIsShort(logger, resident, context.Memory.MaxBytes, governor.MaxAwake);
    }
}
