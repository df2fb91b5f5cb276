using System.Globalization;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Writes constant expressions: the first values of globals and tables, the references of segments.</summary>
internal sealed class ConstantWriter(SplitMix random, GuestItems items)
{
    private const int MostElements = 4;

    private static readonly long[] Interesting = [0, 1, -1, 2, 7, 127, -128, 255, 65_535, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 0x0102030405060708];

    private static readonly string[] Floats = ["0", "-0", "1", "-1.5", "1e10", "inf", "-inf", "nan", "0x1p-140", "3.25"];

    /// <summary>The value that nothing has to be said for; null references are of the lowest type of their hierarchy.</summary>
    public static string Default(GuestType type) => type switch
    {
        { Name: "v128" } => "(v128.const i64x2 0 0)",
        { IsReference: false } => $"({type.Name}.const 0)",
        { Nullable: false } => "(ref.i31 (i32.const 0))",
        _ => $"(ref.null {Bottom(type.Heap)})",
    };

    /// <summary>A number or a vector.</summary>
    public string Number(GuestType type) => type.Name switch
    {
        "i32" => $"(i32.const {((int)Interesting[random.Below(Interesting.Length)]).ToString(CultureInfo.InvariantCulture)})",
        "i64" => $"(i64.const {Interesting[random.Below(Interesting.Length)].ToString(CultureInfo.InvariantCulture)})",
        "v128" => $"(v128.const i64x2 {(long)random.Next()} {Interesting[random.Below(Interesting.Length)]})",
        _ => $"({type.Name}.const {Floats[random.Below(Floats.Length)]})",
    };

    /// <summary>A value of any type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="depth">How many objects may lie in each other; beyond it only those that have to.</param>
    public string Value(GuestType type, int depth)
    {
        if (!type.IsReference) return random.Below(8) == 0 && type.Name is "i32" or "i64" ? $"({type.Name}.add {Number(type)} {Number(type)})" : Number(type);
        if (type.Nullable && (depth <= 0 || random.Below(3) == 0)) return Default(type);
        return type.Heap switch
        {
            "any" or "eq" => random.Below(2) == 0 ? I31() : Object(null, depth) ?? I31(),
            "i31" => I31(),
            "struct" => Object(CompositeKind.Struct, depth) ?? Default(type),
            "array" => Object(CompositeKind.Array, depth) ?? Default(type),
            "func" => GuestItems.OneOf(random, items.Functions) is { } function ? $"(ref.func {function.Id})" : Default(type),
            "extern" => $"(extern.convert_any {(random.Below(2) == 0 ? I31() : Object(null, depth) ?? I31())})",
            "exn" => Default(type),
            _ => New(items.Types.Types.First(t => t.Id == type.Heap), depth - 1),
        };
    }

    private static string Bottom(string heap) => heap switch
    {
        "func" => "nofunc",
        "extern" => "noextern",
        "exn" => "noexn",
        _ => "none",
    };

    private string I31() => $"(ref.i31 {Number(GuestType.I32)})";

    private string? Object(CompositeKind? kind, int depth)
    {
        var types = items.Types.Objects.Where(t => kind is null || t.Kind == kind).ToArray();
        return GuestItems.OneOf(random, types) is { } type ? New(type, depth - 1) : null;
    }

    private string New(DefinedType type, int depth)
    {
        if (type.Kind == CompositeKind.Struct) return $"(struct.new {type.Id}{string.Concat(type.Fields.Select(f => " " + Value(f.Type, depth)))})";
        var count = random.Below(MostElements);
        var element = type.Fields[0].Type;
        return random.Below(2) == 0
            ? $"(array.new {type.Id} {Value(element, depth)} (i32.const {count}))"
            : $"(array.new_fixed {type.Id} {count}{string.Concat(Enumerable.Range(0, count).Select(_ => " " + Value(element, depth)))})";
    }
}
