using AkkaWasm.Wasm.Wasi.Calls;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>
/// The functions of <c>wasi_snapshot_preview1</c> as host functions: all 46, one row each. In a signature <c>i</c> is an i32, pointers and lengths
/// included, <c>l</c> an i64. Every function but <c>proc_exit</c> answers with an error code.
/// </summary>
public static class WasiFunctions
{
    private static readonly (string Name, string Parameters, Method Method)[] Table =
    [
        ("args_get", "ii", ProcessCalls.ArgsGet),
        ("args_sizes_get", "ii", ProcessCalls.ArgsSizesGet),
        ("environ_get", "ii", ProcessCalls.EnvironGet),
        ("environ_sizes_get", "ii", ProcessCalls.EnvironSizesGet),
        ("clock_res_get", "ii", ProcessCalls.ClockResGet),
        ("clock_time_get", "ili", ProcessCalls.ClockTimeGet),
        ("fd_advise", "illi", DescriptorCalls.Advise),
        ("fd_allocate", "ill", FileCalls.Allocate),
        ("fd_close", "i", DescriptorCalls.Close),
        ("fd_datasync", "i", DescriptorCalls.DataSync),
        ("fd_fdstat_get", "ii", DescriptorCalls.FdStatGet),
        ("fd_fdstat_set_flags", "ii", DescriptorCalls.SetFlags),
        ("fd_fdstat_set_rights", "ill", DescriptorCalls.SetRights),
        ("fd_filestat_get", "ii", DescriptorCalls.FileStatGet),
        ("fd_filestat_set_size", "il", FileCalls.SetSize),
        ("fd_filestat_set_times", "illi", DescriptorCalls.SetTimes),
        ("fd_pread", "iiili", FileCalls.PRead),
        ("fd_prestat_get", "ii", DescriptorCalls.PrestatGet),
        ("fd_prestat_dir_name", "iii", DescriptorCalls.PrestatDirName),
        ("fd_pwrite", "iiili", FileCalls.PWrite),
        ("fd_read", "iiii", FileCalls.Read),
        ("fd_readdir", "iiili", DescriptorCalls.ReadDir),
        ("fd_renumber", "ii", DescriptorCalls.Renumber),
        ("fd_seek", "ilii", FileCalls.Seek),
        ("fd_sync", "i", DescriptorCalls.Sync),
        ("fd_tell", "ii", FileCalls.Tell),
        ("fd_write", "iiii", FileCalls.Write),
        ("path_create_directory", "iii", PathCalls.CreateDirectory),
        ("path_filestat_get", "iiiii", PathCalls.FileStatGet),
        ("path_filestat_set_times", "iiiilli", PathCalls.SetTimes),
        ("path_link", "iiiiiii", PathCalls.Link),
        ("path_open", "iiiiillii", PathCalls.Open),
        ("path_readlink", "iiiiii", PathCalls.ReadLink),
        ("path_remove_directory", "iii", PathCalls.RemoveDirectory),
        ("path_rename", "iiiiii", PathCalls.Rename),
        ("path_symlink", "iiiii", PathCalls.Symlink),
        ("path_unlink_file", "iii", PathCalls.UnlinkFile),
        ("poll_oneoff", "iiii", PollCalls.PollOneOff),
        (ProcExit, "i", ProcessCalls.ProcExit),
        ("proc_raise", "i", ProcessCalls.ProcRaise),
        ("sched_yield", "", ProcessCalls.SchedYield),
        ("random_get", "ii", ProcessCalls.RandomGet),
        ("sock_accept", "iii", ProcessCalls.Socket),
        ("sock_recv", "iiiiii", ProcessCalls.Socket),
        ("sock_send", "iiiii", ProcessCalls.Socket),
        ("sock_shutdown", "ii", ProcessCalls.Socket),
    ];

    private const string ProcExit = "proc_exit";
    private const string MemoryExport = "memory";

    private delegate WasiErrno Method(ref WasiCall call);

    /// <summary>Whether a module imports from preview 1.</summary>
    public static bool AreImportedBy(ModuleDescription module) => module.Imports.Any(import => MemoryBinding.HostModuleOf(import.Module) == WasiWorld.ModuleName);

    /// <summary>Adds all functions to a registry.</summary>
    /// <param name="functions">The registry.</param>
    /// <param name="worldOf">Gives the world of the instance that calls.</param>
    /// <param name="memory">The memory that pointers go into; see <see cref="MemoryBinding"/>.</param>
    /// <returns>The registry.</returns>
    public static HostFunctions DefineIn(HostFunctions functions, Func<WasmInstance, WasiWorld> worldOf, int memory = 0)
    {
        foreach (var (name, parameters, method) in Table)
        {
            WasmValueKind[] results = name == ProcExit ? [] : [WasmValueKind.I32];
            functions.Define(MemoryBinding.NameOf(WasiWorld.ModuleName, memory), name, WasmFunctionType.Of([.. parameters.Select(Kind)], results), (ref HostCall call) =>
            {
                var wasi = new WasiCall(call, worldOf(call.Instance), memory);
                call.SetI32(0, (int)method(ref wasi));
            });
        }
        return functions;
    }

    /// <summary>
    /// Refuses a module that imports from preview 1 but cannot use it: its pointers are 32 bits wide and go into memory 0, exported as <c>memory</c>.
    /// </summary>
    /// <exception cref="ModuleRefusedException">Memory 0 is missing, not exported or 64-bit.</exception>
    public static void RequireMemory(ModuleDescription module)
    {
        if (MemoryBinding.MemoriesOf(module, WasiWorld.ModuleName).Any(memory => module.Memories[memory].Is64))
            throw new ModuleRefusedException(module.File, $"a part of the module imports from {WasiWorld.ModuleName}, whose pointers have 32 bits, but its memory is 64-bit; build it for wasm32.");
        if (module.Imports.All(import => import.Module != WasiWorld.ModuleName)) return;
        if (module.FindExport(MemoryExport, ExternalKind.Memory) is not { Index: 0 })
            throw new ModuleRefusedException(module.File, $"the module imports from {WasiWorld.ModuleName} but does not export its memory 0 as '{MemoryExport}', through which these functions exchange data; export it.");
        if (module.Memories[0].Is64)
            throw new ModuleRefusedException(module.File, $"the module imports from {WasiWorld.ModuleName}, whose pointers have 32 bits, but its memory is 64-bit; build it for wasm32.");
    }

    private static WasmValueKind Kind(char letter) => letter == 'l' ? WasmValueKind.I64 : WasmValueKind.I32;
}
