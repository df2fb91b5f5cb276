using System.Globalization;
using System.Text;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>
/// Modules in text that serve whatever a module imports: functions count what they are given into a global and answer zero or null; items are made as
/// they are wanted.
/// </summary>
internal static class ImportStubs
{
    /// <summary>One module for each module name, by that name.</summary>
    /// <exception cref="NotSupportedException">An import is of a type of the module's own.</exception>
    public static IEnumerable<(string Name, byte[] Module)> For(ModuleDescription description) => description.Imports
        .DistinctBy(i => (i.Module, i.Name))
        .GroupBy(i => i.Module)
        .Select(group => (group.Key, Encoding.UTF8.GetBytes($"(module (global $seen (mut i32) (i32.const 0))\n{string.Join('\n', group.Select(i => Item(description, i)))})")));

    private static string Item(ModuleDescription description, ImportDescription import)
    {
        var export = $"(export \"{import.Name}\")";
        switch (import.Kind)
        {
            case ExternalKind.Function:
                return Function(description.FunctionType(import.Index), export);
            case ExternalKind.Global:
                var global = description.Globals[import.Index];
                return $"(global {export} {(global.IsMutable ? $"(mut {Type(global.Type)})" : Type(global.Type))} {Constant(global.Type)})";
            case ExternalKind.Memory:
                var memory = description.Memories[import.Index];
                return $"(memory {export} {(memory.Is64 ? "i64 " : "")}{memory.MinimumPages} {memory.MaximumPages})";
            case ExternalKind.Table:
                var table = description.Tables[import.Index];
                return $"(table {export} {(table.Is64 ? "i64 " : "")}{table.Minimum} {table.Maximum} {Type(table.ElementType)})";
            default:
                return $"(tag {export} {Parameters(description.Types[description.Tags[import.Index].TypeIndex])})";
        }
    }

    private static string Function(TypeDefinition type, string export)
    {
        var seen = string.Concat(type.Parameters.Select((p, i) => p.Kind == WasmValueKind.I32
            ? $" (global.set $seen (i32.add (i32.mul (global.get $seen) (i32.const 31)) (local.get {i})))"
            : p.IsReference ? $" (global.set $seen (i32.add (global.get $seen) (ref.is_null (local.get {i}))))" : ""));
        var results = string.Concat(type.Results.Select(r => $" (result {Type(r)})"));
        return $"(func {export} {Parameters(type)}{results}{seen} {string.Join(' ', type.Results.Select(Constant))})";
    }

    private static string Parameters(TypeDefinition type) => string.Concat(type.Parameters.Select(p => $" (param {Type(p)})"));

    private static string Type(WasmValueType type) => type.Heap.Kind == HeapKind.Concrete
        ? throw new NotSupportedException($"an import has the type {type} of the module's own")
        : type.ToString();

    private static string Constant(WasmValueType type) => type switch
    {
        { Kind: WasmValueKind.V128 } => "(v128.const i64x2 1 2)",
        { IsReference: false } => $"({type}.const 0)",
        { Nullable: true } => $"(ref.null {type.Heap})",
        { Heap.Kind: HeapKind.Extern } => "(extern.convert_any (ref.i31 (i32.const 5)))",
        { Heap.Kind: HeapKind.Any or HeapKind.Eq or HeapKind.I31 } => "(ref.i31 (i32.const 6))",
        _ => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"no constant of the type {type} is known")),
    };
}
