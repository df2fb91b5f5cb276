using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>Programs built against a C library, in worlds without a machine.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly WasiWorld world = new(new WasiSettings
    {
        Arguments = ["tally", "one", "two words"], Environment = [new("NAME", "value"), new("EMPTY", "")], Limits = WasiLimits.Default with { FileBytes = 1 << 20 },
    });

    public void Dispose() => world.Dispose();

    [Fact]
    public void Files_behave_as_POSIX_says()
    {
        Assert.Equal(new Outcome(0, "all is well\n", ""), world.Run("files"));
    }

    [Fact]
    public void A_program_finds_the_files_of_the_one_before()
    {
        Assert.Equal(new Outcome(0, "1 first\n", "handled first"), world.Run("tally", "first"));
        Assert.Equal("2 second\n", world.Run("tally", "second").Output);
    }

    [Fact]
    public void Arguments_and_environment_are_those_of_the_world()
    {
        Assert.Equal("tally\none\ntwo words\n", world.Run("tally", "args").Output);
        Assert.Equal("NAME=value\nEMPTY=\n", world.Run("tally", "env").Output);
    }

    [Fact]
    public void The_exit_code_is_the_programs()
    {
        Assert.Equal(42u, world.Run("tally", "exit 42").Code);
    }

    [Fact]
    public void Sleeping_takes_no_time_and_lets_both_clocks_jump()
    {
        Assert.Equal("slept 2500000000 ns, now 1500000002.623456789\n", world.Run("tally", "clock").Output);
    }

    [Fact]
    public void The_monotonic_clock_never_goes_back_from_turn_to_turn()
    {
        using var module = Programs.Load("""
            (module (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "\01\00\00\00") (data (i32.const 24) "\00\ca\9a\3b")
              (func (export "now") (param i32) (result i64) (drop (call $now (local.get 0) (i64.const 0) (i32.const 256))) (i64.load (i32.const 256)))
              (func (export "sleep") (result i32) (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 256))))
            """u8.ToArray(), "clock.wat");
        using var instance = Programs.Instantiate(module, world);
        const ulong second = 1_000_000_000;
        ulong Read(int clock) => (ulong)instance.GetFunction("now")!.Invoke(WasmValue.FromI32(clock))[0].AsI64();

        world.BeginTurn(new StillHost());
        Assert.Equal((StillHost.Now, StillHost.Now), (Read(0), Read(1)));
        Assert.Equal(0, instance.GetFunction("sleep")!.Invoke()[0].AsI32());
        Assert.Equal((StillHost.Now + second, StillHost.Now + second), (Read(0), Read(1)));
        world.EndTurn();

        world.BeginTurn(new StillHost(now: StillHost.Now + 1));
        Assert.Equal((StillHost.Now + 1, StillHost.Now + second), (Read(0), Read(1)));
        world.EndTurn();

        world.BeginTurn(new StillHost(now: StillHost.Now + 2 * second));
        Assert.Equal((StillHost.Now + 2 * second, StillHost.Now + 2 * second), (Read(0), Read(1)));
        world.EndTurn();
    }

    [Fact]
    public void Random_numbers_are_the_hosts()
    {
        var first = world.Run("tally", host: new StillHost("random", seed: 7)).Output;

        Assert.Equal(first, world.Run("tally", host: new StillHost("random", seed: 7)).Output);
        Assert.NotEqual(first, world.Run("tally", host: new StillHost("random", seed: 8)).Output);
    }

    [Fact]
    public void A_large_output_arrives_whole()
    {
        var lines = world.Run("tally", "many 20000").Output.Split('\n');

        Assert.Equal(20_001, lines.Length);
        Assert.Equal("line 19999", lines[19_999]);
    }

    [Fact]
    public void A_disk_that_is_full_says_so_and_goes_on()
    {
        Assert.Equal("stopped by: No space left on device\n", world.Run("tally", "full").Output);
        Assert.Equal("2 after\n", world.Run("tally", "after").Output);
        Assert.InRange(world.FileBytes, 1, 100);
    }

    [Fact]
    public void The_same_world_and_input_give_the_same_state()
    {
        using var other = new WasiWorld(new WasiSettings { Limits = WasiLimits.Default with { FileBytes = 1 << 20 } });
        foreach (var word in new[] { "a", "clock", "random", "full", "exit 3" }) Assert.Equal(world.Run("tally", word), other.Run("tally", word));

        Assert.Equal(world.ToBytes(), other.ToBytes());
        Assert.Equal(world.ComputeHash(), other.ComputeHash());
    }

    [CppFact]
    public void Streams_and_containers_of_Cpp_work()
    {
        using var module = Programs.Load(CppBuild.Build("streams"), "streams.wasm");

        Assert.Equal(new Outcome(0, "a     2\nbb    1\n", "2 words\n"), world.Run(module, new StillHost("a bb\na\n")));
        Assert.Equal(3u, world.Run(module, new StillHost()).Code);
    }
}
