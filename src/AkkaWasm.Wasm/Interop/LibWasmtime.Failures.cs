using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>Errors, traps, back-traces and the vectors they come in.</summary>
internal static unsafe partial class LibWasmtime
{
    [LibraryImport(Library)]
    internal static partial nint wasmtime_error_new([MarshalAs(UnmanagedType.LPUTF8Str)] string message);

    [LibraryImport(Library)]
    internal static partial void wasmtime_error_delete(nint error);

    [LibraryImport(Library)]
    internal static partial void wasmtime_error_message(nint error, NativeVector* message);

    [LibraryImport(Library)]
    internal static partial void wasmtime_error_wasm_trace(nint error, NativeVector* frames);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_trap_new(byte* message, nuint length);

    [LibraryImport(Library)]
    internal static partial byte wasmtime_trap_code(nint trap, out byte code);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_message(nint trap, NativeVector* message);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_trace(nint trap, NativeVector* frames);

    [LibraryImport(Library)]
    internal static partial void wasm_trap_delete(nint trap);

    [LibraryImport(Library)]
    internal static partial uint wasm_frame_func_index(nint frame);

    [LibraryImport(Library)]
    internal static partial nuint wasm_frame_func_offset(nint frame);

    [LibraryImport(Library)]
    internal static partial NativeVector* wasmtime_frame_module_name(nint frame);

    [LibraryImport(Library)]
    internal static partial void wasm_frame_vec_delete(NativeVector* frames);

    [LibraryImport(Library)]
    internal static partial void wasm_byte_vec_delete(NativeVector* bytes);
}
