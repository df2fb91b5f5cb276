using System.Text;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>No argument of any function leads anywhere but to an error code.</summary>
public sealed class PointerTests
{
    private const int MaxErrno = 76;
    private const int Calls = 60_000;
    private const int Seed = 20260101;

    private static readonly string[] Signatures =
    [
        "args_get ii", "args_sizes_get ii", "environ_get ii", "environ_sizes_get ii", "clock_res_get ii", "clock_time_get ili", "fd_advise illi", "fd_allocate ill", "fd_close i",
        "fd_datasync i", "fd_fdstat_get ii", "fd_fdstat_set_flags ii", "fd_fdstat_set_rights ill", "fd_filestat_get ii", "fd_filestat_set_size il", "fd_filestat_set_times illi",
        "fd_pread iiili", "fd_prestat_get ii", "fd_prestat_dir_name iii", "fd_pwrite iiili", "fd_read iiii", "fd_readdir iiili", "fd_renumber ii", "fd_seek ilii", "fd_sync i", "fd_tell ii",
        "fd_write iiii", "path_create_directory iii", "path_filestat_get iiiii", "path_filestat_set_times iiiilli", "path_link iiiiiii", "path_open iiiiillii", "path_readlink iiiiii",
        "path_remove_directory iii", "path_rename iiiiii", "path_symlink iiiii", "path_unlink_file iii", "poll_oneoff iiii", "proc_raise i", "sched_yield ", "random_get ii", "sock_accept iii",
        "sock_recv iiiiii", "sock_send iiiii", "sock_shutdown ii",
    ];

    /// <summary>Arguments that functions stumble over, besides any number at all.</summary>
    private static readonly long[] Interesting = [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 64, 255, 4096, 65_528, 65_535, 65_536, int.MaxValue, uint.MaxValue, -1, -8, long.MaxValue, long.MinValue];

    private static readonly string[] Names = ["a/b/../c.d/", "abcabcabcabc", "aaaaaaaaaaaa", "a/a/a/a/a/a/", "../..//.a/."];

    [Theory]
    [InlineData("args_get", 65_533, 0)]
    [InlineData("args_sizes_get", 0, 65_533)]
    [InlineData("environ_get", 0, -1)]
    [InlineData("random_get", 65_530, 7)]
    [InlineData("random_get", 0, -1)]
    [InlineData("fd_fdstat_get", 0, 65_520)]
    [InlineData("fd_prestat_get", 3, 65_530)]
    internal void What_does_not_lie_in_the_memory_is_a_fault(string function, int first, int second)
    {
        using var world = new WasiWorld(new WasiSettings { Arguments = ["a"], Environment = [new("A", "b")] });
        using var instance = Programs.Instantiate(Forwarding(), world);
        world.BeginTurn(new StillHost());

        Assert.Equal((int)WasiErrno.Fault, instance.GetFunction(function)!.Invoke(WasmValue.FromI32(first), WasmValue.FromI32(second))[0].AsI32());
    }

    [Fact]
    public void Calls_with_any_arguments_end_in_an_error_code_and_leave_a_state_that_can_be_saved()
    {
        var settings = new WasiSettings { Limits = WasiLimits.Default with { FileBytes = 1 << 20, Nodes = 100, WrittenBytesPerTurn = long.MaxValue } };
        var world = new WasiWorld(settings);
        using var instance = Programs.Instantiate(Forwarding(), world);
        var random = new Random(Seed);
        var functions = Signatures.Select(s => (Function: instance.GetFunction(s.Split(' ')[0])!, Parameters: s.Split(' ')[1])).ToArray();
        world.BeginTurn(new StillHost());
        var seen = new HashSet<int>();
        for (var i = 0; i < Calls; i++)
        {
            if (i % 40 == 0) Prepare(world, instance, random);
            var (function, parameters) = functions[random.Next(functions.Length)];
            var errno = function.Invoke([.. parameters.Select(p => Argument(p, random))])[0].AsI32();
            Assert.True(errno is >= 0 and <= MaxErrno, $"call {i} of {function.Name} answered {errno}");
            seen.Add(errno);
        }
        Assert.Equal([], new HashSet<int> { (int)WasiErrno.Success, (int)WasiErrno.Fault, (int)WasiErrno.BadDescriptor, (int)WasiErrno.NoEntry, (int)WasiErrno.Exists, (int)WasiErrno.NotDirectory }.Except(seen));
        world.EndTurn();

        var bytes = world.ToBytes();
        using var again = WasiWorld.FromBytes(bytes, settings);
        Assert.Equal(bytes, again.ToBytes());
        Assert.Equal(world.ComputeHash(), again.ComputeHash());
        world.Dispose();
    }

    /// <summary>Open descriptors, names, buffers: so that calls get further than the first check.</summary>
    private static void Prepare(WasiWorld world, WasmInstance instance, Random random)
    {
        world.BeginProgram();
        var memory = instance.GetMemory(0);
        random.NextBytes(memory.GetSpan(0, 65_536));
        memory.Write(0, Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]));
        for (var at = 64u; at < 256; at += 8) memory.Write(at, [.. BitConverter.GetBytes(random.Next(70_000)), .. BitConverter.GetBytes(random.Next(64))]);
    }

    private static WasmValue Argument(char type, Random random)
    {
        var value = random.Next(6) switch
        {
            0 => Interesting[random.Next(Interesting.Length)],
            1 => random.NextInt64(),
            2 => random.Next(80),
            _ => random.Next(6),
        };
        return type == 'l' ? WasmValue.FromI64(value) : WasmValue.FromI32((int)value);
    }

    /// <summary>A module that exports every function that it imports.</summary>
    private static WasmModule Forwarding()
    {
        var text = new StringBuilder("(module ");
        foreach (var (name, parameters) in Signatures.Select(s => (s.Split(' ')[0], s.Split(' ')[1])))
            text.Append($"(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {Types(parameters)}) (result i32)))");
        text.Append("(memory (export \"memory\") 1)");
        foreach (var (name, parameters) in Signatures.Select(s => (s.Split(' ')[0], s.Split(' ')[1])))
            text.Append($"(func (export \"{name}\") (param {Types(parameters)}) (result i32) {string.Concat(parameters.Select((_, i) => $"local.get {i} "))} call ${name})");
        return Programs.Load(Encoding.UTF8.GetBytes(text.Append(')').ToString()), "forwarding.wat");
    }

    private static string Types(string parameters) => string.Join(' ', parameters.Select(p => p == 'l' ? "i64" : "i32"));
}
