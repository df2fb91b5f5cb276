using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Guests that want more than they may have, in a whole mesh: the turn fails, says by which setting, and the agent lives on with its state of before.</summary>
public sealed class LimitTests
{
    private const string Head = """
        (module
          (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
          (memory (export "memory") 1) (memory $second 1) (table $t 1 funcref) (global $turns (mut i32) (i32.const 0))
          (type $node (struct (field (mut (ref null $node))) (field i64))) (global $list (mut (ref null $node)) (ref.null $node))
          (data (i32.const 0) "x.out")
          (func $recurse (param i32) (result i32) (i32.add (i32.const 1) (call $recurse (local.get 0))))
          (func $bad)
        """;

    public static TheoryData<string, string, FaultKind, string> Limits => new()
    {
        { "deadline", "(loop $on (br $on))", FaultKind.Deadline, "(limits.deadline)" },
        { "stack", "(drop (call $recurse (i32.const 0)))", FaultKind.Trap, "(engine.max-stack)" },
        { "memory", "(loop $on (br_if $on (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) unreachable", FaultKind.Trap, "(limits.memory)" },
        { "memories", "(drop (memory.grow (i32.const 12))) (drop (memory.grow $second (i32.const 12)))", FaultKind.Limit, "(limits.memory)" },
        { "table", "(loop $on (br_if $on (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 10))))) unreachable", FaultKind.Trap, "(limits.table-elements)" },
        { "events", "(loop $on (call $publish (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 1)) (br $on))", FaultKind.Limit, "limits.emitted-events-per-turn" },
        { "bytes", "(loop $on (call $publish (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 60000)) (br $on))", FaultKind.Limit, "limits.emitted-bytes-per-turn" },
        { "heap", "(loop $on (global.set $list (struct.new $node (global.get $list) (i64.const 1))) (br $on))", FaultKind.Limit, "(limits.gc-heap)" },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_holds_and_its_failure_names_it(string what, string body, FaultKind kind, string setting)
    {
        var wat = Encoding.UTF8.GetBytes($"{Head} (func (export \"mesh_handle\") (param $size i32) (result i32) (global.set $turns (i32.add (global.get $turns) (i32.const 1)))"
            + $" (if (i32.eq (local.get $size) (i32.const 3)) (then {body})) (i32.const 0)))");
        var hash = ModuleStore.HashOf(wat);
        var agent = new AgentDefinition
        {
            Name = "a", ModuleHash = hash, ModuleFile = what + ".wat", Subscriptions = ["in"], Capabilities = new Capabilities { Publish = ["x.out"] }, HashEveryTurns = 1,
            Limits = new AgentLimits
            {
                MemoryBytes = 1 << 20, GcHeapBytes = 512 << 10, TableElements = 100, EmittedEventsPerTurn = 50, EmittedBytesPerTurn = 1_000_000,
                Deadline = TimeSpan.FromMilliseconds(what == "deadline" ? 20 : 10_000),
            },
        };
        using var folder = new TestFolder();
        var policy = new SupervisionPolicy { Directive = HealingDirective.Resume, HostFaultRetries = 0, MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero };
        await using var node = await MeshNode.StartAsync(new MeshNodeOptions
        {
            Topology = new MeshTopology("test", policy, [new GroupDefinition(GroupDefinition.Default, null, policy)], [agent]), DataFolder = folder.Data,
            Modules = new Dictionary<string, ModuleFile> { [hash] = new(wat, what + ".wat") },
        });
        await HandleAsync(node, "1", "x");
        var before = await node.StateHashAsync("a");

        await HandleAsync(node, "2", "bad");

        var status = (await node.AgentAsync("a"))!;
        Assert.Equal((1L, 1, kind), (status.Failures, status.Quarantined, status.LastFault!.Kind));
        Assert.Contains(setting, status.LastFault.Message, StringComparison.Ordinal);
        Assert.Equal(before, await node.StateHashAsync("a"));
        await HandleAsync(node, "3", "x");
        Assert.Equal((4L, 1L, AgentState.Running), ((await node.AgentAsync("a"))!.Turns, (await node.AgentAsync("a"))!.Failures, (await node.AgentAsync("a"))!.State));
    }

    private static async Task HandleAsync(MeshNode node, string id, string data)
    {
        var reply = await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = id, Source = "/test", Data = Encoding.UTF8.GetBytes(data) }]));
        Assert.True(reply.IsAccepted, reply.Problem?.Message);
        await node.WhenIdleAsync();
    }
}
