using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Tests.Guests;

/// <summary>Agents that are composed of several modules, each with a memory of its own.</summary>
public sealed class ComposedGuestTests
{
    /// <summary>Lets each of the others handle every event; what they say goes through memories of their own.</summary>
    private const string Both = """
        (module
          (import "counter" "mesh_handle" (func $count (param i32) (result i32)))
          (import "echo" "mesh_handle" (func $echo (param i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "mesh_handle") (param i32) (result i32)
            (i32.or (call $count (local.get 0)) (call $echo (local.get 0)))))
        """;

    [Fact]
    public void Each_part_reads_and_publishes_through_its_own_memory()
    {
        using var bench = new GuestBench(Composed(), "both.wasm");
        bench.Initialize();

        Assert.Equal([("count.out", "1"), ("echo.out", "hello")], Events(bench.Handle("hello").Outputs));
        Assert.Equal([("count.out", "2"), ("echo.out", "there")], Events(bench.Handle("there").Outputs));
    }

    [Fact]
    public void The_back_trace_of_a_failure_says_whose_function_it_was()
    {
        using var bench = new GuestBench(Composed(), "both.wasm");
        bench.Initialize();

        var fault = bench.Handle("trap").Fault;

        Assert.Equal(FaultKind.Trap, fault?.Kind);
        Assert.Contains(fault!.BackTrace, frame => frame.Contains("counter.trap", StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_may_be_a_WASI_library_and_the_main_part_none()
    {
        const string library = """
            (module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory 1) (data (i32.const 0) "\08\00\00\00\06\00\00\00") (data (i32.const 8) "it is\n")
              (func (export "say") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))))
            """;
        const string main = """
            (module (import "library" "say" (func $say)) (memory (export "memory") 1)
              (func (export "mesh_handle") (param i32) (result i32) (call $say) (i32.const 0)))
            """;
        using var bench = new GuestBench(Compose(main, ("library", Encoding.UTF8.GetBytes(library))), "main.wasm");
        bench.Initialize();

        Assert.Equal("it is", Assert.IsType<LineLogged>(Assert.Single(bench.Handle("x").Outputs)).Text);
    }

    [Fact]
    public void A_part_with_wide_pointers_goes_with_a_main_part_with_narrow_ones()
    {
        const string wide = """
            (module (import "mesh_v1" "publish" (func $publish (param i64 i64 i64 i64)))
              (memory i64 1) (data (i64.const 0) "outdata") (func (export "say") (call $publish (i64.const 0) (i64.const 3) (i64.const 3) (i64.const 4))))
            """;
        const string main = """
            (module (import "wide" "say" (func $say)) (memory (export "memory") 1)
              (func (export "mesh_handle") (param i32) (result i32) (call $say) (i32.const 0)))
            """;
        using var bench = new GuestBench(Compose(main, ("wide", Encoding.UTF8.GetBytes(wide))), "main.wasm");
        bench.Initialize();

        Assert.Equal([("out", "data")], Events(bench.Handle("x").Outputs));
    }

    [Fact]
    public void The_state_of_all_parts_goes_on_after_a_restore()
    {
        using var bench = new GuestBench(Composed(), "both.wasm");
        bench.Initialize();
        bench.Handle("one");
        var image = bench.Guest.Capture()!.Value;

        bench.Renew().Restore(image);

        Assert.Equal([("count.out", "2"), ("echo.out", "two")], Events(bench.Handle("two").Outputs));
    }

    [Fact]
    public async Task A_composed_agent_is_healed_recovered_and_replayed_as_any_other()
    {
        using var folder = new TestFolder();
        var bytes = Composed();
        var agent = new AgentDefinition
        {
            Name = "both", ModuleHash = ModuleStore.HashOf(bytes), ModuleFile = "both.wasm", Subscriptions = ["in.>"], Capabilities = new Capabilities { Publish = [">"] }, SnapshotEveryTurns = 3,
            SnapshotAtMostEvery = TimeSpan.Zero, HashEveryTurns = 2,
        };
        var options = new MeshNodeOptions { Topology = TestMesh.Topology(agent), DataFolder = folder.Data, Modules = new Dictionary<string, ModuleFile> { [agent.ModuleHash] = new(bytes, "both.wasm") } };
        StateHash? state;
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, "a", "b", "trap", "c", "d");
            await node.AbortAsync();
        }
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, "e", "oob", "f");
            state = Assert.Single((await node.SummaryAsync()).Agents).StateHash;
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        var report = log.ReplayAgent("both")!;
        Assert.Null(report.Divergence);
        Assert.Equal(state, report.StateHash);
        Assert.True(report.Failures >= 2);
    }

    private static byte[] Composed() => Compose(Both, ("counter", Repository.Guest("counter")), ("echo", Repository.Guest("echo")));

    private static byte[] Compose(string main, params (string Name, byte[] Module)[] parts) => ModuleComposer.Compose(
        [.. parts.Select(p => new ModulePart(p.Name, p.Module, $"{p.Name}.wat")), new ModulePart("main", Encoding.UTF8.GetBytes(main), "main.wat")]).Bytes.ToArray();

    private static IEnumerable<(string Topic, string Data)> Events(IEnumerable<TurnOutput> outputs) =>
        outputs.OfType<EventEmitted>().Select(e => (e.Event.Topic, Encoding.UTF8.GetString(e.Event.Data.Span)));

    private static async Task PublishAsync(MeshNode node, params string[] data)
    {
        var reply = await node.PublishAsync(new PublishBatch([.. data.Select(d => new MeshEvent { Topic = "in.x", Id = d, Source = "/test", Data = Encoding.UTF8.GetBytes(d) })]));
        Assert.True(reply.IsAccepted, reply.Problem?.Message);
        await node.WhenIdleAsync();
    }
}
