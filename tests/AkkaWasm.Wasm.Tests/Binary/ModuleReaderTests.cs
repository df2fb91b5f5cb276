using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Tests.Binary;

public sealed class ModuleReaderTests
{
    [Fact]
    public void Imports_come_first_in_each_index_space()
    {
        var d = Wat.Read("""
            (import "env" "f" (func (param i32))) (import "env" "t" (table 1 2 funcref)) (import "env" "m" (memory 1))
            (import "env" "g" (global (mut i64))) (import "env" "e" (tag (param f32)))
            (func) (table 3 externref) (memory i64 2 5) (global i32 (i32.const 1)) (tag)
            """);
        Assert.Equal(["env.f", "env.t", "env.m", "env.g", "env.e"], d.Imports.Select(i => $"{i.Module}.{i.Name}"));
        Assert.Equal(["(i32) -> ()", "() -> ()"], d.Functions.Select(f => d.FunctionType(f.Index).ToString()));
        Assert.Equal([true, false], d.Functions.Select(f => f.Import is not null));
        Assert.Equal([(1UL, (ulong?)2, "(ref null func)"), (3, null, "(ref null extern)")], d.Tables.Select(t => (t.Minimum, t.Maximum, t.ElementType.ToString())));
        Assert.Equal([(false, 1UL, (ulong?)null), (true, 2, 5)], d.Memories.Select(m => (m.Is64, m.MinimumPages, m.MaximumPages)));
        Assert.Equal([("i64", true), ("i32", false)], d.Globals.Select(g => (g.Type.ToString(), g.IsMutable)));
        Assert.Equal(2, d.Tags.Count);
    }

    [Fact]
    public void Types_keep_groups_supertypes_and_mutability()
    {
        var d = Wat.Read("""
            (type $f (func (param i32 v128) (result f64)))
            (rec (type $a (sub (struct (field i8) (field (mut (ref null $b)))))) (type $b (array (mut i16))))
            (type $c (sub final $a (struct (field i8) (field (mut (ref null $b))) (field (ref any)))))
            """);
        Assert.Equal([new RecursionGroup(0, 1), new RecursionGroup(1, 2), new RecursionGroup(3, 1)], d.RecursionGroups);
        Assert.Equal([CompositeKind.Function, CompositeKind.Struct, CompositeKind.Array, CompositeKind.Struct], d.Types.Select(t => t.Kind));
        Assert.Equal([true, false, true, true], d.Types.Select(t => t.IsFinal));
        Assert.Equal([1], d.Types[3].Supertypes);
        Assert.Equal("(i32, v128) -> (f64)", d.Types[0].ToString());
        Assert.Equal("struct {i8, mut (ref null 2)}", d.Types[1].ToString());
        Assert.Equal("array {mut i16}", d.Types[2].ToString());
        Assert.Equal("struct {i8, mut (ref null 2), (ref any)}", d.Types[3].ToString());
    }

    [Fact]
    public void Segments_keep_mode_target_and_size()
    {
        var d = Wat.Read("""
            (memory 1) (memory 1) (table 4 funcref) (table 4 funcref) (func $f)
            (data (memory 1) (i32.const 0) "abc") (data "de")
            (elem (table 1) (i32.const 0) func $f $f) (elem func $f) (elem declare func $f) (elem (ref null func) (ref.null func))
            """);
        Assert.Equal([new DataSegment(0, SegmentMode.Active, 1, 3), new DataSegment(1, SegmentMode.Passive, 0, 2)], d.Data);
        Assert.Equal(
            [(SegmentMode.Active, 1, 2), (SegmentMode.Passive, 0, 1), (SegmentMode.Declarative, 0, 1), (SegmentMode.Passive, 0, 1)],
            d.Elements.Select(e => (e.Mode, e.Table, e.Count)));
    }

    [Fact]
    public void Only_functions_that_something_names_can_become_references()
    {
        var d = Wat.Read("""
            (import "env" "imported" (func $imported)) (import "env" "called" (func $called))
            (func $exported (export "e")) (func $in_table) (func $in_global) (func $declared) (func $hidden call $called)
            (table 1 funcref) (elem (i32.const 0) func $in_table $imported) (global funcref (ref.func $in_global)) (elem declare func $declared)
            (func (drop (ref.func $declared)))
            """);
        Assert.Equal([0, 2, 3, 4, 5], d.ReferenceableFunctions);
    }

    [Fact]
    public void A_back_trace_names_functions_by_name_section_then_export_then_import_then_index()
    {
        var d = Wat.Read("""(import "env" "log" (func)) (func $parse) (func (export "run")) (func)""");
        Assert.Equal(["env.log", "parse", "run", "func[3]", "func[4]", "func[-1]"], new[] { 0, 1, 2, 3, 4, -1 }.Select(d.FunctionName));
    }

    [Fact]
    public void A_malformed_name_section_is_left_aside()
    {
        byte[] wasm = [.. Wat.Binary("(func)"), 0, 7, 4, .. "name"u8, 1, 0xff];
        var d = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        Assert.Equal("func[0]", d.FunctionName(0));
    }

    [Theory]
    [InlineData("""(func (export "mesh_handle") (param i32) (result i32) i32.const 0)""", ModuleKind.Mesh)]
    [InlineData("""(import "mesh_v1" "now" (func (result i64)))""", ModuleKind.Mesh)]
    [InlineData("""(func (export "_initialize")) (func (export "mesh_handle"))""", ModuleKind.WasiReactor)]
    [InlineData("""(import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start"))""", ModuleKind.WasiCommand)]
    [InlineData("""(func (export "_initialize"))""", ModuleKind.WasiReactor)]
    [InlineData("""(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))""", ModuleKind.WasiReactor)]
    [InlineData("""(memory (export "mesh_handle") 1)""", ModuleKind.Core)]
    [InlineData("", ModuleKind.Core)]
    public void The_kind_follows_from_imports_and_exports(string fields, ModuleKind kind) => Assert.Equal(kind, Wat.Read(fields).Kind);

    [Theory]
    [InlineData("(func nop)", WasmFeatures.None)]
    [InlineData("(memory i64 1)", WasmFeatures.Memory64)]
    [InlineData("(memory 1) (memory 1)", WasmFeatures.MultiMemory)]
    [InlineData("(func (result i32 i32) i32.const 1 i32.const 2)", WasmFeatures.MultiValue)]
    [InlineData("(func (drop (i32.extend8_s (i32.const 1))))", WasmFeatures.SignExtension)]
    [InlineData("(func (drop (i32.trunc_sat_f32_s (f32.const 1))))", WasmFeatures.SaturatingFloatToInt)]
    [InlineData("(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))", WasmFeatures.BulkMemory)]
    [InlineData("(func (drop (v128.const i64x2 1 2)))", WasmFeatures.Simd)]
    [InlineData("(func (param v128))", WasmFeatures.Simd)]
    [InlineData("(func $f return_call $f)", WasmFeatures.TailCall)]
    [InlineData("(tag) (func throw 0)", WasmFeatures.Exceptions)]
    [InlineData("(func (param externref))", WasmFeatures.ReferenceTypes)]
    [InlineData("(type $f (func)) (func (param (ref $f)))", WasmFeatures.FunctionReferences)]
    [InlineData("(type (struct))", WasmFeatures.Gc)]
    [InlineData("(func (drop (ref.i31 (i32.const 1))))", WasmFeatures.Gc)]
    [InlineData("""(global (export "g") (mut i32) (i32.const 0))""", WasmFeatures.MutableGlobals)]
    [InlineData("(global i32 (i32.add (i32.const 1) (i32.const 2)))", WasmFeatures.ExtendedConst)]
    [InlineData(
        "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))", WasmFeatures.Simd | WasmFeatures.RelaxedSimd)]
    public void Features_are_found_in_types_and_code(string fields, WasmFeatures features) => Assert.Equal(features, Wat.Read(fields).Features);

    [Fact]
    public void Sections_tell_where_they_lie()
    {
        var d = Wat.Read("""(func $f) (@custom "note" "abc")""");
        Assert.Equal(["code", "function", "name", "note", "type"], d.Sections.Select(s => s.Name).Order(StringComparer.Ordinal));
        var type = d.Sections.Single(s => s.Name == "type");
        Assert.Equal((10, 4), (type.Offset, type.SizeBytes));
    }
}
