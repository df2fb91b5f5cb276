using System.Text;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation;

namespace AkkaWasm.Actors.Tests.Simulation;

/// <summary>A mesh of real guests: memories, globals, objects of a GC heap, timers, traps of every kind, a family, a chain.</summary>
internal sealed class WasmWorld(IGuestFactory guests) : ISimulatedWorld
{
    private static readonly string[] Words = ["plain", "plain", "plain", "plain", "trap", "status", "fail", "div", "oob", "throw"];

    public static string[] Modules { get; } = ["counter", "gcstate", "echo", "ticker", "hop"];

    public IGuestFactory Guests() => guests;

    public MeshTopology Topology(Dice dice)
    {
        var every = 1 + dice.Next(12);
        var budget = dice.OneIn(2) ? -1 : 20;
        GroupDefinition Group(string name, HealingDirective directive, params HealingDirective[] ladder) =>
            new(name, null, SupervisionPolicy.Default with { Directive = directive, OnFailure = [.. ladder], MaxNrOfRetries = budget, WithinTimeRange = TimeSpan.FromSeconds(30) });
        AgentDefinition Member(AgentDefinition agent, string group) => agent with { Group = group, SnapshotEveryTurns = every, HashEveryTurns = 3, Limits = AgentLimits.Default with { Deadline = TimeSpan.FromSeconds(30) } };
        return Tests.Support.Topologies.Of(
            [Group("restarting", HealingDirective.Restart, HealingDirective.Reset), Group("resuming", HealingDirective.Resume), Group("resetting", HealingDirective.Reset)],
            Member(Tests.Support.Topologies.Wat("counter", "counter", "feed.>"), "restarting"), Member(Tests.Support.Topologies.Wat("objects", "gcstate", "feed.>"), "resuming"),
            Member(Tests.Support.Topologies.Wat("resetting", "counter", "feed.b"), "resetting"),
            Member(Tests.Support.Topologies.Wat("family", "echo", "feed.*") with { Key = new AgentKey(2), PassivateIdleAfter = TimeSpan.FromSeconds(1) }, "restarting"),
            Member(Tests.Support.Topologies.Wat("ticker", "ticker", "feed.ticks", "tick.fired"), "restarting"),
            Member(Tests.Support.Topologies.Wat("hop", "hop", "gc.out") with { Config = "hop.out"u8.ToArray() }, "resuming"),
            Member(Tests.Support.Topologies.Wat("last", "gcstate", "hop.out", "echo.out"), "resuming"));
    }

    public MeshEvent Event(Dice dice, string id, string source, bool traps)
    {
        var topic = dice.Next(3) switch { 0 => "feed.a", 1 => "feed.b", _ => "feed.ticks" };
        var text = topic == "feed.ticks" ? dice.OneIn(3) ? "cancel" : $"schedule {dice.Next(200)} {id}" : Words[dice.Next(traps ? Words.Length : 4)];
        return new MeshEvent { Topic = topic, Id = id, Source = source, Data = Encoding.UTF8.GetBytes(text) };
    }
}
