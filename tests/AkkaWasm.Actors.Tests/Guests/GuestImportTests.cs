using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Guests;

/// <summary>What guests import from the mesh and export to it.</summary>
public sealed class GuestImportTests
{
    [Theory]
    [InlineData("0", "id-1")]
    [InlineData("1", "/source")]
    [InlineData("2", "in.x")]
    [InlineData("3", "a subject")]
    [InlineData("4", "2026-01-02T03:04:05Z")]
    [InlineData("5", "text/plain")]
    [InlineData("6", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("7", "77")]
    public void The_attributes_of_the_event_can_be_read(string number, string expected)
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        var (fault, outputs) = bench.Handle("attr " + number, e => e with
        {
            Subject = "a subject", Time = "2026-01-02T03:04:05Z", ContentType = "text/plain", TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Correlation = 77,
        });

        Assert.Null(fault);
        Assert.Equal(expected, TextOf(Assert.Single(outputs)));
    }

    [Fact]
    public void An_event_is_published_with_subject_and_content_type()
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        var e = Assert.IsType<EventEmitted>(Assert.Single(bench.Handle("as a.topic who text/plain the data").Outputs)).Event;

        Assert.Equal(("a.topic", "who", "text/plain", "the data"), (e.Topic, e.Subject, e.ContentType, Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public void Agents_are_spawned_stopped_and_watched_by_name()
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        Assert.Equal(new AgentSpawned("family", "key"), Assert.Single(bench.Handle("spawn family/key family ").Outputs));
        Assert.Equal(new AgentStopped("other"), Assert.Single(bench.Handle("stop other").Outputs));
        Assert.Equal(new AgentWatched("other"), Assert.Single(bench.Handle("watch other").Outputs));
        Assert.Equal(FaultKind.BadArgument, bench.Handle("spawn family/key another x").Fault?.Kind);
    }

    [Fact]
    public void Time_and_chance_are_those_of_the_turn()
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        var first = DataOf(Assert.Single(bench.Handle("random 8").Outputs));
        bench.Renew().Initialize(bench.Turn());

        Assert.Equal(first, DataOf(Assert.Single(bench.Handle("random 8").Outputs)));
        Assert.Equal(8, DataOf(Assert.Single(bench.Handle("now").Outputs)).Length);
    }

    [Fact]
    public void Lines_and_health_reach_the_mesh()
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        Assert.Equal(new LineLogged(3, "a line"), Assert.Single(bench.Handle("log 3 a line").Outputs));
        Assert.Equal("mesh.health.agent", Assert.IsType<HealthReported>(Assert.Single(bench.Handle("health 1 so so").Outputs)).Event.Topic);
    }

    [Fact]
    public void A_guest_with_a_64_bit_memory_has_pointers_of_64_bits()
    {
        using var bench = GuestBench.Of("mem64");
        Assert.Null(bench.Initialize());

        var (fault, outputs) = bench.Handle("some data");

        Assert.Null(fault);
        Assert.NotEmpty(outputs);
    }

    [Fact]
    public void Turn_0_runs_the_start_function_and_a_restored_guest_does_not()
    {
        using var bench = GuestBench.Of("start");
        Assert.Null(bench.Initialize());
        var before = bench.Guest.Hash();
        var image = bench.Guest.Capture()!.Value.ToArray();

        bench.Renew().Restore(image);

        Assert.Equal(before, bench.Guest.Hash());
    }

    [Fact]
    public void A_captured_guest_goes_on_elsewhere()
    {
        using var bench = GuestBench.Of("counter");
        bench.Initialize();
        bench.Handle("one");
        bench.Handle("two");
        var image = bench.Guest.Capture()!.Value.ToArray();

        bench.Renew().Restore(image);

        Assert.Equal("3", TextOf(Assert.Single(bench.Handle("three").Outputs)));
    }

    [Fact]
    public void A_guest_with_state_in_objects_goes_on_where_it_was_captured()
    {
        using var bench = GuestBench.Of("gcstate");
        bench.Initialize();
        bench.Handle("four");
        bench.Handle("seventy");
        var (image, hash) = (bench.Guest.Capture()!.Value, bench.Guest.Hash());

        bench.Renew().Restore(image);

        Assert.Equal(hash, bench.Guest.Hash());
        Assert.Equal("14", TextOf(Assert.Single(bench.Handle("one").Outputs)));
        Assert.NotEqual(hash, bench.Guest.Hash());
    }

    [Fact]
    public void The_image_of_another_module_is_refused()
    {
        using var counter = GuestBench.Of("counter");
        using var small = GuestBench.Of("echo");
        counter.Initialize();
        var image = counter.Guest.Capture()!.Value;

        Assert.Throws<ImageCorruptException>(() => small.Guest.Restore(image));
        Assert.Throws<ImageCorruptException>(() => small.Guest.Restore(image[..(image.Length / 2)]));
    }

    [Theory]
    [InlineData("""(import "mesh_v1" "publish" (func (param i64 i64 i64 i64)))""", "mesh_v1.publish")]
    [InlineData("""(import "mesh_v1" "no_such" (func))""", "mesh_v1.no_such")]
    [InlineData("""(import "other" "f" (func))""", "other.f")]
    [InlineData("""(import "mesh_v1" "now" (global i64))""", "mesh_v1.now")]
    public void An_import_that_is_not_served_is_named(string import, string named)
    {
        using var bench = new GuestBench($$"""(module {{import}} (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (i32.const 0)))""");

        var refused = Assert.Throws<GuestRefusedException>(() => bench.Guest);

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Contains("agent.wat", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""(func (export "mesh_handle") (param i32) (result i32) (i32.const 0))""", "no memory named 'memory'")]
    [InlineData("""(memory (export "memory") 1)""", "does not export the function 'mesh_handle' (i32) -> (i32)")]
    [InlineData("""(memory (export "memory") 1) (func (export "mesh_handle") (param i64) (result i32) (i32.const 0))""", "'mesh_handle' as (i64) -> (i32)")]
    [InlineData("""(memory (export "memory") i64 1) (func (export "mesh_handle") (param i32) (result i32) (i32.const 0))""", "has to have it as (i64) -> (i32)")]
    [InlineData("""(memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (i32.const 0)) (func (export "mesh_init"))""", "'mesh_init' as () -> ()")]
    [InlineData("""(memory 1) (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (i32.const 0))""", "it has to be memory 0")]
    [InlineData("""(func (nonsense))""", "agent.wat")]
    public void A_module_that_is_no_agent_is_refused_with_what_is_missing(string body, string said)
    {
        using var bench = new GuestBench($"(module {body})");

        Assert.Contains(said, Assert.Throws<GuestRefusedException>(() => bench.Guest).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fuel_without_an_engine_that_counts_it_is_refused()
    {
        using var bench = GuestBench.Of("counter", a => a with { Limits = new AgentLimits { FuelPerTurn = 1 } });

        Assert.Contains("does not count fuel", Assert.Throws<GuestRefusedException>(() => bench.Guest).Message, StringComparison.Ordinal);
    }

    private static byte[] DataOf(TurnOutput output) => Assert.IsType<EventEmitted>(output).Event.Data.ToArray();

    private static string TextOf(TurnOutput output) => Encoding.UTF8.GetString(DataOf(output));
}
