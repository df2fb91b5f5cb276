using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Tests.Binary;
using AkkaWasm.Wasm.Tests.Suite;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Tests.Weaving;

public sealed class ModuleWeaverTests
{
    private const string Rich = """
        (import "env" "f" (func $f)) (memory 1) (memory i64 1) (table 1 funcref) (global (mut i32) (i32.const 0)) (global f64 (f64.const 1)) (tag (param i32))
        (func $listed) (func $hidden) (func $begin) (elem (i32.const 0) func $listed $f) (start $begin) (@custom "note" "abc")
        """;

    [Fact]
    public void Hidden_items_and_the_start_function_are_exported_under_reserved_names()
    {
        var (woven, again) = Weave(Rich);
        Assert.Equal(
            [
                "$akkawasm.memory.0 Memory 0", "$akkawasm.memory.1 Memory 1", "$akkawasm.global.0 Global 0", "$akkawasm.global.1 Global 1",
                "$akkawasm.table.0 Table 0", "$akkawasm.tag.0 Tag 0", "$akkawasm.func.0 Function 0", "$akkawasm.func.1 Function 1",
                "$akkawasm.start Function 3",
            ],
            again.Exports.Select(e => $"{e.Name} {e.Kind} {e.Index}"));
        Assert.Null(again.StartFunction);
        Assert.Equal("$akkawasm.start", woven.StartExport);
    }

    [Fact]
    public void Everything_else_stays_byte_for_byte()
    {
        var wasm = Wat.Binary(Rich);
        var original = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        var woven = ModuleWeaver.Weave(wasm, original);
        var again = WovenDescription.ReadWoven(woven, Wat.File);
        string[] rewritten = ["export", "start"];
        Assert.Equal(Contents(wasm, original, rewritten), Contents(woven.Bytes.ToArray(), again, rewritten));
        Assert.Null(WovenDescription.Difference(original, woven));
    }

    [Fact]
    public void A_module_without_state_is_left_as_it_is()
    {
        var wasm = Wat.Binary("(func)");
        Assert.Equal(wasm, ModuleWeaver.Weave(wasm, ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default)).Bytes.ToArray());
    }

    [Fact]
    public void Nothing_is_woven_for_segments_that_cannot_be_dropped()
    {
        var (woven, again) = Weave("""(memory 1) (data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)))""");
        Assert.Empty(woven.Facts.DataSegments);
        Assert.Single(again.Functions);
        Assert.Single(again.Types);
    }

    [Theory]
    [InlineData("""(memory 1) (data "x") (func (export "drop") data.drop 0)""")]
    [InlineData("""(memory 0) (data "x") (func (export "drop") data.drop 0)""")]
    [InlineData("""(memory i64 1) (data "x") (func (export "drop") data.drop 0)""")]
    [InlineData("""(data "x") (func (export "drop") data.drop 0)""")]
    [InlineData("""(table 0 funcref) (elem func 0) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(table i64 5 funcref) (elem func 0) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(elem func 0) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(type $f (func)) (elem (ref null $f) (ref.null $f)) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(type $s (struct)) (elem (ref $s) (struct.new $s)) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(elem externref (ref.null extern)) (func (export "drop") elem.drop 0)""")]
    [InlineData("""(elem (ref i31) (ref.i31 (i32.const 1))) (func (export "drop") elem.drop 0)""")]
    public void A_probe_traps_exactly_if_its_segment_was_dropped(string fields)
    {
        var wasm = Wat.Binary(fields);
        var woven = ModuleWeaver.Weave(wasm, ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default));
        var segment = Assert.Single(woven.Facts.DataSegments.Concat(woven.Facts.ElementSegments));
        using var engine = new PlainEngine();
        using var module = engine.Compile(woven.Bytes.Span, out var failure);
        Assert.Null(failure);
        foreach (var drop in new[] { "drop", segment.DropExport })
        {
            using var instance = module!.Instantiate(out failure);
            Assert.Null(failure);
            Assert.Null(instance!.Call(segment.ProbeExport, []));
            Assert.Null(instance.Call(segment.ProbeExport, []));
            Assert.Null(instance.Call(drop, []));
            Assert.Contains("out of bounds", instance.Call(segment.ProbeExport, []), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Active_segments_are_deferred_where_a_memory_or_table_is_imported()
    {
        const string segments = """
            (table $t 1 externref) (data (i32.const 1) "x") (data $p "y") (data (memory 0) (i32.const 2) "z") (func $f)
            (elem (i32.const 0) $f) (elem declare func $f) (elem (table $t) (i32.const 0) externref (ref.null extern)) (elem (offset (i32.const 1)) funcref (ref.func $f))
            """;
        var (kept, original) = Weave($"(memory 1) (table 1 funcref) {segments}");
        var (woven, again) = Weave($"""(import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref)) {segments}""");

        Assert.Null(kept.ApplyExport);
        Assert.Contains(original.Elements, e => e.Mode == SegmentMode.Active);
        Assert.Equal("$akkawasm.init", woven.ApplyExport);
        Assert.Equal([SegmentMode.Passive, SegmentMode.Declarative, SegmentMode.Passive, SegmentMode.Passive], again.Elements.Select(e => e.Mode));
        Assert.All(again.Data, d => Assert.Equal(SegmentMode.Passive, d.Mode));
        Assert.Equal([0, 2], woven.Facts.DataSegments.Select(s => s.Index));
        Assert.Equal([0, 2, 3], woven.Facts.ElementSegments.Select(s => s.Index));
    }

    [Fact]
    public void The_objects_of_a_segment_can_be_read()
    {
        var (woven, again) = Weave("""
            (type $s (struct)) (func $f) (elem func $f) (elem (ref $s) (struct.new $s)) (elem (ref null $s) (struct.new $s) (ref.null $s)) (elem i31ref (ref.i31 (i32.const 1)))
            (elem anyref (struct.new $s))
            """);

        Assert.Equal([1, 2, 4], woven.Facts.Contents.Select(c => c.Index));
        Assert.Equal([1, 2, 1], woven.Facts.Contents.Select(c => c.Count));
        Assert.Equal(2, woven.Facts.Contents.Select(c => c.TableExport).Distinct().Count());
        Assert.Equal([2UL, 1UL], again.Tables.Select(t => t.Maximum!.Value));
    }

    [Fact]
    public void Segments_of_one_type_share_one_private_table()
    {
        var (woven, again) = Weave("(elem func 0) (elem func 0 0) (elem externref (ref.null extern)) (func elem.drop 0 elem.drop 1 elem.drop 2)");
        Assert.Equal(["(ref null func)", "(ref null extern)"], again.Tables.Select(t => t.ElementType.ToString()));
        Assert.Equal([0, 1, 2], woven.Facts.ElementSegments.Select(s => s.Index));
        Assert.Empty(woven.Facts.Tables);
    }

    [Fact]
    public void A_module_whose_probes_need_too_many_tables_is_refused()
    {
        var tables = string.Concat(Enumerable.Repeat("(table 0 funcref)", 100));
        var wasm = Wat.Binary($"{tables} (elem externref (ref.null extern)) (func elem.drop 0)");
        var read = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        var refusal = Assert.Throws<ModuleRefusedException>(() => ModuleWeaver.Weave(wasm, read));
        Assert.Contains("100 tables and 1 more to save its state are more than the engine's limit of 100", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_whose_state_needs_too_many_exports_is_refused()
    {
        const int globals = 600_000;
        byte[] content = [0xc0, 0xcf, 0x24, .. Enumerable.Repeat<byte[]>([0x7f, 0, 0x41, 0, 0x0b], globals).SelectMany(g => g)];
        byte[] exports = [0xc0, 0xcf, 0x24, .. Enumerable.Range(0, globals).SelectMany(i => (byte[])[4, .. Letters(i), 3, 0])];
        byte[] wasm = [.. Wat.Binary(""), .. new BinaryBuffer().Section(6, content).Section(7, exports).Written.Span];
        var read = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        var refusal = Assert.Throws<ModuleRefusedException>(() => ModuleWeaver.Weave(wasm, read));
        Assert.Contains("600000 exports and 600000 more to save its state", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Letters(int number) => [.. Enumerable.Range(0, 4).Select(i => (byte)('!' + number / (int)Math.Pow(64, i) % 64))];

    private static (WovenModule, ModuleDescription) Weave(string fields)
    {
        var wasm = Wat.Binary(fields);
        var original = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        var woven = ModuleWeaver.Weave(wasm, original);
        Assert.Null(WovenDescription.Difference(original, woven));
        return (woven, WovenDescription.ReadWoven(woven, Wat.File));
    }

    private static IEnumerable<string> Contents(byte[] wasm, ModuleDescription description, string[] except) => description.Sections
        .Where(s => !except.Contains(s.Name)).Select(s => $"{s.Name} {Convert.ToHexString(wasm, s.Offset, s.SizeBytes)}");
}
