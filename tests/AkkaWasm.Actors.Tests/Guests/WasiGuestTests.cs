using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Tests.Guests;

/// <summary>WASI programs as agents: commands for each event and over all of them, reactors, and mesh agents that use WASI.</summary>
public sealed class WasiGuestTests
{
    [Fact]
    public void A_command_runs_once_for_every_event_and_its_files_go_on()
    {
        using var bench = Program("tally");
        Assert.Null(bench.Initialize());

        Assert.Equal((null, "1 one|handled one"), Handle(bench, "one"));
        Assert.Equal((null, "2 two|handled two"), Handle(bench, "two"));
    }

    [Fact]
    public void A_command_finds_the_event_in_its_environment()
    {
        using var bench = Program("tally", wasi => wasi with { Environment = [new WasiVariable("MINE", "1")], Arguments = ["-v"] });
        bench.Initialize();

        var lines = Lines(bench.Handle("env", e => e with { Subject = "s" }).Outputs);
        Assert.Equal(["MINE=1", "MESH_AGENT=agent", "MESH_EVENT_ID=id-1", "MESH_EVENT_SOURCE=/source", "MESH_EVENT_TOPIC=in.x", "MESH_EVENT_SUBJECT=s", "MESH_EVENT_OFFSET=-1"], lines[..7]);
        Assert.Equal(["agent", "-v"], Lines(bench.Handle("args").Outputs)[..2]);
    }

    [Fact]
    public void Lines_of_output_are_published_where_the_topology_says_without_further_leave()
    {
        using var bench = Program("tally", wasi => wasi with { OutputTopic = "out.lines" }, a => a with { Capabilities = Capabilities.None });
        bench.Initialize();

        var outputs = bench.Handle("many 2").Outputs;

        Assert.Equal(["line 0", "line 1"], outputs.OfType<EventEmitted>().Select(e => Encoding.UTF8.GetString(e.Event.Data.Span)));
        Assert.Equal("out.lines", outputs.OfType<EventEmitted>().First().Event.Topic);
        Assert.Equal(["handled many 2"], Lines(outputs));
    }

    [Fact]
    public void A_line_that_is_too_long_fails_the_turn_and_is_divided_for_the_log()
    {
        static WasiDefinition Short(WasiDefinition wasi) => wasi with { Limits = wasi.Limits with { LineBytes = 10 } };
        using var published = Program("tally", wasi => Short(wasi) with { OutputTopic = "out.lines" });
        using var logged = Program("tally", Short);
        published.Initialize();
        logged.Initialize();

        Assert.Equal((FaultKind.Limit, "line-bytes"), Kind(published.Handle("long 11").Fault));
        Assert.Equal([new string('x', 10), "x"], Lines(logged.Handle("long 11").Outputs)[..2]);
    }

    [Theory]
    [InlineData("trap", FaultKind.Trap, "unreachable")]
    [InlineData("exit 9", FaultKind.Status, "exit-code")]
    internal void A_program_that_fails_fails_the_turn(string word, FaultKind kind, string code)
    {
        using var bench = Program("tally");
        bench.Initialize();

        Assert.Equal((kind, code), Kind(bench.Handle(word).Fault));
    }

    [Fact]
    public void Exit_code_0_is_success()
    {
        using var bench = Program("tally");
        bench.Initialize();

        Assert.Null(bench.Handle("exit 0").Fault);
        Assert.Equal("2 x|handled x", Handle(bench, "x").Lines);
    }

    [Theory]
    [InlineData("tally")]
    [InlineData("stream")]
    [InlineData("reactor")]
    internal void An_image_has_all_of_a_program_and_its_files(string name)
    {
        using var bench = Program(name, Loops(name));
        bench.Initialize();
        foreach (var word in new[] { "one", "two", "three" }) bench.Handle(word);
        var image = bench.Guest.Capture()!.Value;
        var hash = bench.Guest.Hash();
        var next = Handle(bench, "four");
        var later = bench.Guest.Hash();

        bench.Renew().Restore(image);

        Assert.Equal(hash, bench.Guest.Hash());
        Assert.Equal(image.ToArray(), bench.Guest.Capture()!.Value.ToArray());
        Assert.Equal(next, Handle(bench, "four"));
        Assert.Equal(later, bench.Guest.Hash());
        Assert.NotEqual(hash, later);
    }

    [Theory]
    [InlineData("tally")]
    [InlineData("stream")]
    [InlineData("reactor")]
    internal void A_damaged_image_is_refused(string name)
    {
        using var bench = Program(name, Loops(name));
        bench.Initialize();
        bench.Handle("one");
        var image = bench.Guest.Capture()!.Value.ToArray();
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            var damaged = image.ToArray();
            // The address of the unwound stack is guarded by the checksum of the agent's image alone.
            damaged[i < 6 ? i : random.Next(18, image.Length)] ^= 0x55;
            Assert.Throws<ImageCorruptException>(() => bench.Renew().Restore(damaged));
        }
        Assert.Throws<ImageCorruptException>(() => bench.Renew().Restore(image.AsMemory(0, 17)));
    }

    [Fact]
    public void A_program_with_a_loop_over_its_input_goes_on_from_event_to_event()
    {
        using var bench = Program("stream", wasi => wasi with { InputLoops = true, OutputTopic = "out" });
        var first = bench.Turn();
        Assert.Null(bench.Guest.Initialize(first));

        Assert.Equal(["begun"], Published(first.Outputs));
        Assert.Equal(["1 3 one"], Published(bench.Handle("one").Outputs));
        Assert.Equal(["2 6 two", "3 11 three"], Published(bench.Handle("two\nthree\n").Outputs));
    }

    [Fact]
    public void A_program_that_ends_by_itself_begins_anew_with_the_next_event()
    {
        using var bench = Program("stream", wasi => wasi with { InputLoops = true, OutputTopic = "out" });
        bench.Initialize();
        bench.Handle("one");

        Assert.Null(bench.Handle("quit").Fault);
        var ended = bench.Guest.Capture()!.Value;
        Assert.Equal(["begun", "1 3 new"], Published(bench.Handle("new").Outputs));
        bench.Renew().Restore(ended);
        Assert.Equal(["begun", "1 3 new"], Published(bench.Handle("new").Outputs));
    }

    [Fact]
    public void A_loop_over_input_needs_a_module_that_can_unwind()
    {
        using var bench = Program("tally", wasi => wasi with { InputLoops = true });

        Assert.Contains("wasm-opt --asyncify", Assert.Throws<GuestRefusedException>(() => bench.Guest).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reactor_is_initialized_in_turn_0_and_keeps_memory_and_files()
    {
        using var bench = Program("reactor");
        Assert.Null(bench.Initialize());

        Assert.Equal((null, "42 1 4 one"), Handle(bench, "one"));
        var outputs = bench.Handle("two").Outputs;
        Assert.Equal(["42 2 8 two"], Lines(outputs));
        Assert.Equal("out.direct", Assert.Single(outputs.OfType<EventEmitted>()).Event.Topic);
    }

    [Fact]
    public void A_reactor_that_ends_itself_fails_the_turn_even_with_exit_code_0()
    {
        using var bench = Program("reactor");
        bench.Initialize();

        Assert.Equal((FaultKind.Status, "exit-code"), Kind(bench.Handle("exit").Fault));
    }

    [Theory]
    [InlineData("reactor", AgentKind.WasiCommand, "'_start'")]
    [InlineData("tally", AgentKind.WasiReactor, "'mesh_handle'")]
    [InlineData("tally", AgentKind.Mesh, "'mesh_handle'")]
    internal void A_module_that_is_not_of_the_kind_is_refused_by_the_export_that_is_missing(string name, AgentKind kind, string export)
    {
        using var bench = Program(name, change: a => a with { Kind = kind });

        Assert.Contains(export, Assert.Throws<GuestRefusedException>(() => bench.Guest).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mesh_agent_may_use_WASI_too()
    {
        using var bench = new GuestBench("""
            (module (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
              (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
              (memory (export "memory") 1) (data (i32.const 0) "out") (data (i32.const 16) "\ff\ff\ff\ff\ff\ff\ff\ff")
              (func (export "mesh_handle") (param i32) (result i32)
                (drop (call $now (i32.const 0) (i64.const 0) (i32.const 16)))
                (call $publish (i32.const 0) (i32.const 3) (i32.const 16) (i32.const 8)) (i32.const 0)))
            """);
        bench.Initialize();

        var emitted = Assert.Single(bench.Handle("x").Outputs.OfType<EventEmitted>());
        Assert.Equal(0, BitConverter.ToInt64(emitted.Event.Data.Span));
    }

    [Fact]
    public void A_module_with_a_64_bit_memory_cannot_use_WASI()
    {
        using var bench = new GuestBench("""
            (module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (memory (export "memory") i64 1) (func (export "mesh_handle") (param i64) (result i32) (i32.const 0)))
            """);

        Assert.Contains("32 bits", Assert.Throws<GuestRefusedException>(() => bench.Guest).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_was_changed_in_the_store_is_refused()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(Path.Combine(folder.Data, "hello.txt"), "hello");
        var packed = WasiFolder.Pack(folder.Data, 1_000);
        var store = new ModuleStore(Path.Combine(folder.Path, "modules"));
        var preopen = new WasiPreopen("/data", packed.ContentHash, "data");
        var agent = new AgentDefinition { Name = "a", ModuleHash = new string('0', 64), Wasi = new WasiDefinition { Preopens = [preopen] } };
        var topology = new MeshTopology("m", SupervisionPolicy.Default, [], [agent]);
        Directory.CreateDirectory(Path.Combine(folder.Path, "modules"));

        Assert.Contains("was not given", Assert.Throws<MeshNodeException>(() => store.Keep(topology, new Dictionary<string, ReadOnlyMemory<byte>>())).Message, StringComparison.Ordinal);
        store.Keep(topology, new Dictionary<string, ReadOnlyMemory<byte>> { [packed.ContentHash] = packed.Packed });
        Assert.Equal(packed.ContentHash, store.ReadFolder(agent, preopen).ContentHash);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "modules")));
        File.AppendAllText(file, "x");
        Assert.Contains("was changed", Assert.Throws<GuestRefusedException>(() => store.ReadFolder(agent, preopen)).Message, StringComparison.Ordinal);
        File.Delete(file);
        Assert.Throws<GuestRefusedException>(() => store.ReadFolder(agent, preopen));
    }

    private static GuestBench Program(string name, Func<WasiDefinition, WasiDefinition>? wasi = null, Func<AgentDefinition, AgentDefinition>? change = null) =>
        new(Repository.Program(name), name + ".wasm", a => (change?.Invoke(a) ?? a) with { Wasi = wasi?.Invoke(a.Wasi) ?? a.Wasi });

    private static Func<WasiDefinition, WasiDefinition> Loops(string name) => wasi => wasi with { InputLoops = name == "stream" };

    private static (GuestFault? Fault, string Lines) Handle(GuestBench bench, string data)
    {
        var (fault, outputs) = bench.Handle(data);
        return (fault, string.Join('|', Lines(outputs)));
    }

    private static string[] Lines(IEnumerable<TurnOutput> outputs) => [.. outputs.OfType<LineLogged>().Select(line => line.Text)];

    private static string[] Published(IEnumerable<TurnOutput> outputs) => [.. outputs.OfType<EventEmitted>().Select(e => Encoding.UTF8.GetString(e.Event.Data.Span))];

    private static (FaultKind Kind, string Code) Kind(GuestFault? fault) => fault is null ? default : (fault.Kind, fault.Code);
}
