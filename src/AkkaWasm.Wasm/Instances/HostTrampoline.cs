using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>A host function as the import of one instance.</summary>
/// <param name="Definition">The function.</param>
/// <param name="InstanceNumber">The place of the importing instance in its store, which is the one whose guest runs.</param>
internal sealed record HostBinding(HostFunctionDefinition Definition, int InstanceNumber);

/// <summary>
/// The one door through which guests call the host. An exception must not unwind into the library, which would end the process: all are caught,
/// kept in the store and answered with a trap.
/// </summary>
internal static unsafe class HostTrampoline
{
    private const int MaxInlineArguments = 32;

    [UnmanagedCallersOnly]
    [SkipLocalsInit]
    public static nint Call(nint environment, nint caller, RawValue* values, nuint count)
    {
        WasmStore? store = null;
        try
        {
            var binding = Unsafe.As<HostBinding>(GCHandle.FromIntPtr(environment).Target!);
            store = GuestThread.Current.Running!;
            if (store.IsUnusable) return Trap("the host is out of memory");
            var definition = binding.Definition;
            var instance = store.InstanceAt(binding.InstanceNumber);
            if (definition.ResultCount <= 1) CallSingle(instance, definition, values);
            else CallMany(instance, definition, values);
            return store.IsUnusable ? Trap("the guest failed in a nested call") : 0;
        }
        catch (Exception e)
        {
            store?.KeepHostException(e);
            return Trap("a host function failed");
        }
    }

    [UnmanagedCallersOnly]
    public static void Free(nint environment) => GCHandle.FromIntPtr(environment).Free();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CallSingle(WasmInstance instance, HostFunctionDefinition definition, RawValue* values)
    {
        RawValue result = default;
        var call = new HostCall(instance, definition, values, &result);
        definition.Function(ref call);
        if (definition.ResultCount != 0) *values = result;
    }

    /// <summary>Arguments and results share their room, so with several results the arguments are read from a copy.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CallMany(WasmInstance instance, HostFunctionDefinition definition, RawValue* values)
    {
        var count = definition.Parameters.Length;
        var inline = stackalloc RawValue[MaxInlineArguments];
        var rented = count > MaxInlineArguments ? (RawValue*)NativeMemory.Alloc((nuint)count, (nuint)sizeof(RawValue)) : null;
        try
        {
            var arguments = rented is null ? inline : rented;
            new ReadOnlySpan<RawValue>(values, count).CopyTo(new Span<RawValue>(arguments, count));
            new Span<RawValue>(values, definition.Results.Length).Clear();
            var call = new HostCall(instance, definition, arguments, values);
            definition.Function(ref call);
        }
        finally
        {
            NativeMemory.Free(rented);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Trap(string message)
    {
        Span<byte> text = stackalloc byte[64];
        var length = Encoding.UTF8.GetBytes(message, text);
        fixed (byte* first = text) return LibWasmtime.wasmtime_trap_new(first, (nuint)length);
    }
}
