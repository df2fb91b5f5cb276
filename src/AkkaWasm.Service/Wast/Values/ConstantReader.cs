using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>Reads constants, the arguments of actions: <c>(i32.const 1)</c>, <c>(v128.const i32x4 …)</c>, <c>(ref.extern 3)</c>.</summary>
internal static class ConstantReader
{
    private static readonly Dictionary<string, Func<SExpression, WasmValue>> Constants = new()
    {
        ["i32.const"] = e => WasmValue.FromI32((int)Number(e, LaneType.I32)),
        ["i64.const"] = e => WasmValue.FromI64((long)Number(e, LaneType.I64)),
        ["f32.const"] = e => WasmValue.FromF32(BitConverter.UInt32BitsToSingle((uint)Number(e, LaneType.F32))),
        ["f64.const"] = e => WasmValue.FromF64(BitConverter.UInt64BitsToDouble(Number(e, LaneType.F64))),
        ["v128.const"] = Vector,
        ["ref.null"] = Null,
        ["ref.extern"] = e => WasmValue.FromHostReference(HostKey(e)),
        ["ref.host"] = e => WasmValue.FromHostReference(HostKey(e)),
    };

    /// <summary>Reads a constant.</summary>
    /// <exception cref="ScriptException">It is none, or its number is out of range.</exception>
    public static WasmValue Read(SExpression expression) => Constants.TryGetValue(expression.Head, out var read)
        ? read(expression)
        : throw expression.Error($"a constant is wanted and not {expression.Source}; write one of {string.Join(", ", Constants.Keys.Select(k => $"({k} …)"))}");

    /// <summary>The type of the lanes and the lanes of a vector, as its shape says.</summary>
    /// <exception cref="ScriptException">The shape is unknown, or the lanes are not those of the shape.</exception>
    public static (LaneType Type, Lane[] Lanes) Lanes(SExpression expression, bool mayBeNan)
    {
        if (expression.Items.Count < 2 || !LaneType.Shapes.TryGetValue(expression.Items[1].Word, out var type))
            throw expression.Error($"the vector has no shape; write one of {string.Join(", ", LaneType.Shapes.Keys)} behind v128.const");
        if (expression.Items.Count != 2 + type.Lanes)
            throw expression.Error($"a vector of shape {type.Shape} has {type.Lanes} lanes and not {expression.Items.Count - 2}");
        return (type, [.. expression.Items.Skip(2).Select(lane => Lane.Read(lane, type, mayBeNan))]);
    }

    /// <summary>The one expression behind the head of a list.</summary>
    /// <exception cref="ScriptException">There are more or none.</exception>
    public static SExpression Only(SExpression list) => list.Items.Count == 2
        ? list.Items[1]
        : throw list.Error($"{list.Head} takes one operand and has {list.Items.Count - 1}");

    /// <summary>The number of a host reference.</summary>
    /// <exception cref="ScriptException">It is no integer of 32 bits.</exception>
    public static ulong HostKey(SExpression list) => IntegerLiteral.Read(Only(list), 32);

    private static ulong Number(SExpression list, LaneType type) => Lane.Read(Only(list), type, mayBeNan: false).Bits;

    private static WasmValue Vector(SExpression expression)
    {
        var (type, lanes) = Lanes(expression, mayBeNan: false);
        var vector = UInt128.Zero;
        for (var i = 0; i < lanes.Length; i++) vector |= (UInt128)lanes[i].Bits << (type.Bits * i);
        return WasmValue.FromV128(vector);
    }

    private static WasmValue Null(SExpression expression)
    {
        if (expression.Items.Count > 1) HeapTypes.Read(Only(expression));
        return WasmValue.NullReference;
    }
}
