using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>Reads the results that <c>assert_return</c> expects.</summary>
internal static class PatternReader
{
    private static readonly Dictionary<string, Func<SExpression, ResultPattern>> Patterns = new()
    {
        ["i32.const"] = e => Number(e, LaneType.I32),
        ["i64.const"] = e => Number(e, LaneType.I64),
        ["f32.const"] = e => Number(e, LaneType.F32),
        ["f64.const"] = e => Number(e, LaneType.F64),
        ["v128.const"] = Vector,
        ["ref.null"] = Null,
        ["ref.func"] = e => Reference(e, HeapKind.Func, null),
        ["ref.extern"] = e => Host(e, HeapKind.Extern),
        ["ref.host"] = e => Host(e, HeapKind.Any),
        ["ref.exn"] = e => Reference(e, HeapKind.Exn, null),
        ["ref.any"] = e => Reference(e, HeapKind.Any, null),
        ["ref.eq"] = e => Reference(e, HeapKind.Any, [ReferenceKind.I31, ReferenceKind.Struct, ReferenceKind.Array]),
        ["ref.i31"] = e => Reference(e, HeapKind.Any, [ReferenceKind.I31]),
        ["ref.struct"] = e => Reference(e, HeapKind.Any, [ReferenceKind.Struct]),
        ["ref.array"] = e => Reference(e, HeapKind.Any, [ReferenceKind.Array]),
        ["either"] = Either,
    };

    /// <summary>Reads what a result has to be.</summary>
    /// <exception cref="ScriptException">It is no pattern, or a number in it is out of range.</exception>
    public static ResultPattern Read(SExpression expression) => Patterns.TryGetValue(expression.Head, out var read)
        ? read(expression)
        : throw expression.Error($"a result is wanted and not {expression.Source}; write one of {string.Join(", ", Patterns.Keys.Select(k => $"({k} …)"))}");

    private static NumberPattern Number(SExpression e, LaneType type) => new(e.Source, type, Lane.Read(ConstantReader.Only(e), type, mayBeNan: true));

    private static VectorPattern Vector(SExpression e)
    {
        var (type, lanes) = ConstantReader.Lanes(e, mayBeNan: true);
        return new VectorPattern(e.Source, type, lanes);
    }

    private static NullPattern Null(SExpression e) => e.Items.Count == 1
        ? new NullPattern(e.Source, null)
        : new NullPattern(e.Source, HeapTypes.TopOf(HeapTypes.Read(ConstantReader.Only(e))));

    private static ResultPattern Host(SExpression e, HeapKind top) => e.Items.Count == 1
        ? new ReferencePattern(e.Source, top, top == HeapKind.Any ? [ReferenceKind.Host] : null)
        : new HostPattern(e.Source, top, ConstantReader.HostKey(e));

    private static ReferencePattern Reference(SExpression e, HeapKind top, ReferenceKind[]? kinds) => e.Items.Count == 1
        ? new ReferencePattern(e.Source, top, kinds)
        : throw e.Error($"{e.Head} takes no operand; what it refers to cannot be named");

    private static EitherPattern Either(SExpression e)
    {
        if (e.Items.Count < 2) throw e.Error("either has no results to choose from; write them behind it");
        return new EitherPattern(e.Source, [.. e.Items.Skip(1).Select(Read)]);
    }
}
