using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>
/// One call of a host function by a guest: its arguments, its results, its instance. Valid during the call only. An argument or result that the
/// signature does not have, or has with another type, throws <see cref="ArgumentException"/>, which traps the guest like any other exception.
/// </summary>
public readonly unsafe ref struct HostCall
{
    private readonly HostFunctionDefinition _definition;
    private readonly RawValue* _arguments;
    private readonly RawValue* _results;

    internal HostCall(WasmInstance instance, HostFunctionDefinition definition, RawValue* arguments, RawValue* results)
    {
        Instance = instance;
        _definition = definition;
        _arguments = arguments;
        _results = results;
    }

    /// <summary>The instance that calls. Its functions may be called from here.</summary>
    public WasmInstance Instance { get; }

    /// <summary>The signature that the guest imported.</summary>
    public WasmFunctionType Type => _definition.Type;

    /// <summary>The argument at <paramref name="index"/>, an <c>i32</c>.</summary>
    public int I32(int index) => Argument(index, WasmValueKind.I32)->I32;

    /// <summary>The argument at <paramref name="index"/>, an <c>i64</c>.</summary>
    public long I64(int index) => Argument(index, WasmValueKind.I64)->I64;

    /// <summary>The argument at <paramref name="index"/>, an <c>f32</c>.</summary>
    public float F32(int index) => Argument(index, WasmValueKind.F32)->F32;

    /// <summary>The argument at <paramref name="index"/>, an <c>f64</c>.</summary>
    public double F64(int index) => Argument(index, WasmValueKind.F64)->F64;

    /// <summary>The argument at <paramref name="index"/>, a <c>v128</c>; lane 0 in the lowest bits.</summary>
    public UInt128 V128(int index) => Argument(index, WasmValueKind.V128)->V128;

    /// <summary>
    /// The argument at <paramref name="index"/> as an address or a length: an <c>i32</c> without its sign, or an <c>i64</c>. So one function
    /// serves guests with 32-bit and with 64-bit memories.
    /// </summary>
    public ulong Address(int index)
    {
        var parameters = _definition.Parameters;
        if ((uint)index < (uint)parameters.Length)
        {
            if (parameters[index] == WasmValueKind.I32) return (uint)_arguments[index].I32;
            if (parameters[index] == WasmValueKind.I64) return (ulong)_arguments[index].I64;
        }
        throw Mismatch("argument", index, "an i32 or i64", _definition);
    }

    /// <summary>Sets the result at <paramref name="index"/>, an <c>i32</c>.</summary>
    public void SetI32(int index, int value) => Result(index, WasmValueKind.I32)->I32 = value;

    /// <summary>Sets the result at <paramref name="index"/>, an <c>i64</c>.</summary>
    public void SetI64(int index, long value) => Result(index, WasmValueKind.I64)->I64 = value;

    /// <summary>Sets the result at <paramref name="index"/>, an <c>f32</c>.</summary>
    public void SetF32(int index, float value) => Result(index, WasmValueKind.F32)->F32 = value;

    /// <summary>Sets the result at <paramref name="index"/>, an <c>f64</c>.</summary>
    public void SetF64(int index, double value) => Result(index, WasmValueKind.F64)->F64 = value;

    /// <summary>Sets the result at <paramref name="index"/>, a <c>v128</c>; lane 0 in the lowest bits.</summary>
    public void SetV128(int index, UInt128 value) => Result(index, WasmValueKind.V128)->V128 = value;

    /// <summary>Sets the result at <paramref name="index"/> to an address or a length: an <c>i32</c> or an <c>i64</c>, as the signature says.</summary>
    /// <exception cref="OverflowException">The result is an <c>i32</c> and the value does not fit 32 bits.</exception>
    public void SetAddress(int index, ulong value)
    {
        var results = _definition.Results;
        if ((uint)index >= (uint)results.Length || results[index] > WasmValueKind.I64)
            throw Mismatch("result", index, "an i32 or i64", _definition);
        if (results[index] == WasmValueKind.I32) _results[index].I32 = (int)checked((uint)value);
        else _results[index].I64 = (long)value;
    }

    /// <summary>The memory that the guest exports under that name.</summary>
    /// <exception cref="ArgumentException">It exports none.</exception>
    public MemoryView Memory(string exportName = "memory") => Instance.GetMemory(exportName)
        ?? throw new ArgumentException($"The module exports no memory named {exportName}.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RawValue* Argument(int index, WasmValueKind kind)
    {
        var parameters = _definition.Parameters;
        if ((uint)index >= (uint)parameters.Length || parameters[index] != kind) Throw("argument", index, kind);
        return _arguments + index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RawValue* Result(int index, WasmValueKind kind)
    {
        var results = _definition.Results;
        if ((uint)index >= (uint)results.Length || results[index] != kind) Throw("result", index, kind);
        return _results + index;
    }

    [DoesNotReturn]
    private void Throw(string what, int index, WasmValueKind kind) =>
        throw Mismatch(what, index, $"the {kind.ToString().ToLowerInvariant()}", _definition);

    private static ArgumentException Mismatch(string what, int index, string kind, HostFunctionDefinition definition) =>
        new($"{definition.Module}.{definition.Name} {definition.Type} has no {what} {index} that is {kind}.");
}
