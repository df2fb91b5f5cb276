using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>The abstract heap types by name, and which of the four hierarchies each belongs to (specification, 3.3.3).</summary>
internal static class HeapTypes
{
    private static readonly Dictionary<string, HeapKind> Names = new()
    {
        ["func"] = HeapKind.Func, ["nofunc"] = HeapKind.NoFunc, ["extern"] = HeapKind.Extern, ["noextern"] = HeapKind.NoExtern,
        ["any"] = HeapKind.Any, ["eq"] = HeapKind.Eq, ["i31"] = HeapKind.I31, ["struct"] = HeapKind.Struct, ["array"] = HeapKind.Array,
        ["none"] = HeapKind.NoAny, ["exn"] = HeapKind.Exn, ["noexn"] = HeapKind.NoExn,
    };

    /// <summary>The heap type of that name.</summary>
    /// <exception cref="ScriptException">There is none.</exception>
    public static HeapKind Read(SExpression name) => Names.TryGetValue(name.Word, out var kind)
        ? kind
        : throw name.Error($"{name.Source} is no heap type; write one of {string.Join(", ", Names.Keys)}");

    /// <summary>The top type of the hierarchy of an abstract heap type.</summary>
    public static HeapKind TopOf(HeapKind kind) => kind switch
    {
        HeapKind.Func or HeapKind.NoFunc => HeapKind.Func,
        HeapKind.Extern or HeapKind.NoExtern => HeapKind.Extern,
        HeapKind.Exn or HeapKind.NoExn => HeapKind.Exn,
        _ => HeapKind.Any,
    };

    /// <summary>The top type of the hierarchy of any heap type of a module.</summary>
    public static HeapKind TopOf(HeapType heap, ModuleDescription module) => heap.Kind != HeapKind.Concrete ? TopOf(heap.Kind)
        : module.Types[heap.TypeIndex].Kind == CompositeKind.Function ? HeapKind.Func
        : HeapKind.Any;
}
