using System.Diagnostics;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <summary>Measures what turns take: health is judged by it, and it is shown; nothing of it is part of the log.</summary>
internal sealed partial class AgentActor
{
    /// <summary>The guest is asked for its memory no more often: that takes longer than a short turn.</summary>
    private static readonly long UsageTicks = Stopwatch.Frequency / 10; // 100 ms

    private GuestUsage usage;
    private long usageAt;
    private long turnTicks;
    private int turnsMeasured;

    private TurnResult Measured(MeshEvent input)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = RunTurn(input);
        turnTicks += Stopwatch.GetTimestamp() - begun;
        turnsMeasured++;
        return result;
    }

    /// <summary>What the turns since the last time took.</summary>
    private AgentUse TakeUse()
    {
        var now = Stopwatch.GetTimestamp();
        if (runner is { } running && (usageAt == 0 || now - usageAt >= UsageTicks)) (usage, usageAt) = (running.Usage, now);
        var use = turnsMeasured == 0 ? default : new AgentUse(turnsMeasured, turnTicks * 1e9 / Stopwatch.Frequency / turnsMeasured, usage.MemoryBytes, usage.GcHeapBytes);
        (turnTicks, turnsMeasured) = (0, 0);
        return use;
    }

    private void ForgetUse() => (usage, usageAt, turnTicks, turnsMeasured) = (default, 0, 0, 0);
}
