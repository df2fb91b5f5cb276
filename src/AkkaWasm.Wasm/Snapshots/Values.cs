using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Turns the values of globals and tables into what an image has.</summary>
internal sealed unsafe class SavedValues(nint context, FunctionCodes? functions, HeapCapture? heap)
{
    /// <summary>A number's bits, or the code of a reference. The value's root is given back.</summary>
    public UInt128 BitsOf(FieldPlan type, NativeValue value) => type.Kind switch
    {
        FieldKind.Function => functions!.CodeOf(value.Reference.IsNull ? 0 : LibWasmtime.wasmtime_func_to_raw(context, &value.Reference)),
        FieldKind.Any => heap!.CodeOf(NativeReferences.TakeRaw(context, value)),
        FieldKind.Exception => heap!.CodeOfException(NativeReferences.TakeRaw(context, value)),
        _ => type.Bytes switch
        {
            4 => (uint)value.Low,
            8 => value.Low,
            _ => new UInt128(value.High, value.Low),
        },
    };
}

/// <summary>Turns what an image has into values of globals and tables.</summary>
internal sealed unsafe class RestoredValues(nint context, RestorePlan plan, FunctionMap? functions)
{
    /// <summary>The value of checked bits. The caller gives a root back by <see cref="Release"/>.</summary>
    public NativeValue ValueOf(FieldPlan type, UInt128 bits)
    {
        if (type.Kind == FieldKind.Number)
            return new NativeValue { Kind = (NativeValueKind)type.Type.Kind, Low = (ulong)bits, High = (ulong)(bits >> 64) };
        var code = (uint)bits;
        if (type.Kind == FieldKind.Function)
            return new NativeValue { Kind = NativeValueKind.FuncRef, Reference = code == 0 ? default : functions!.ItemOf(plan.Image.Functions[code - 1]) };
        var raw = ReferenceCode.IsObject(code) ? plan.Raws[ReferenceCode.ObjectOf(code)] : code;
        return NativeReferences.Rooted(context, NativeReferences.KindOf(type.Kind, type.Type), raw);
    }

    /// <summary>Whether the table has that function there already; of other references it is not known.</summary>
    public bool IsThere(FieldPlan type, NativeItem table, int index, uint code)
    {
        if (type.Kind != FieldKind.Function) return false;
        NativeValue value;
        if (LibWasmtime.wasmtime_table_get(context, &table, (ulong)index, &value) == 0) return false;
        var there = value.Reference.IsNull ? 0 : LibWasmtime.wasmtime_func_to_raw(context, &value.Reference);
        return there == (code == 0 ? 0 : functions!.RawOf(plan.Image.Functions[code - 1]));
    }

    public static void Release(FieldPlan type, NativeValue value)
    {
        if (type.Kind is FieldKind.Any or FieldKind.Exception) LibWasmtime.wasmtime_val_unroot(&value);
    }
}
