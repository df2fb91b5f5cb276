using System.Globalization;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>One value that an action gave. It holds on to no store.</summary>
/// <param name="Value">The value.</param>
/// <param name="Type">Its type.</param>
/// <param name="Top">For a reference the top type of its hierarchy, else <see cref="HeapKind.None"/>.</param>
internal readonly record struct ActionResult(WasmValue Value, WasmValueType Type, HeapKind Top)
{
    public static ActionResult Of(WasmValue value, WasmValueType type, ModuleDescription module) =>
        new(value, type, type.IsReference ? HeapTypes.TopOf(type.Heap, module) : HeapKind.None);

    /// <summary>A number's bits.</summary>
    public ulong Bits => Value.Kind switch
    {
        WasmValueKind.I32 => (uint)Value.AsI32(),
        WasmValueKind.I64 => (ulong)Value.AsI64(),
        WasmValueKind.F32 => BitConverter.SingleToUInt32Bits(Value.AsF32()),
        _ => BitConverter.DoubleToUInt64Bits(Value.AsF64()),
    };

    /// <summary>As the script would write it.</summary>
    public override string ToString()
    {
        if (LaneType.Numbers.TryGetValue(Value.Kind, out var number)) return $"({number.Name}.const {number.Show(Bits)})";
        if (Value.Kind == WasmValueKind.V128) return Show(LaneType.I32);
        return Value.ReferenceKind switch
        {
            ReferenceKind.Null => $"(ref.null {new HeapType(Top)})",
            ReferenceKind.Host => $"(ref.{(Top == HeapKind.Extern ? "extern" : "host")} {Value.AsHostReference()})",
            ReferenceKind.I31 => $"(ref.i31 {Value.AsI31().ToString(CultureInfo.InvariantCulture)})",
            ReferenceKind.Function => "(ref.func)",
            ReferenceKind.Exception => "(ref.exn)",
            _ => $"(ref.{Value.ReferenceKind.ToString().ToLowerInvariant()})",
        };
    }

    /// <summary>A vector by its lanes.</summary>
    public string Show(LaneType type)
    {
        var vector = Value.AsV128();
        return $"(v128.const {type.Shape} {string.Join(' ', Enumerable.Range(0, type.Lanes).Select(i => type.Show(type.LaneOf(vector, i))))})";
    }
}
