using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>What two snapshots differ in, and what one holds, in words.</summary>
public sealed class SnapshotDiffTests
{
    private const string Guest = """
        (module
          (type $node (sub (struct (field (mut i32)) (field (mut (ref null $node))))))
          (type $bytes (array (mut i8)))
          (memory (export "memory") 1 8)
          (global $count (mut i32) (i32.const 7))
          (global $ratio (export "ratio") (mut f64) (f64.const 0.5))
          (global $head (mut (ref null $node)) (ref.null $node))
          (global $text (mut (ref null $bytes)) (ref.null $bytes))
          (table $functions (export "functions") 2 8 funcref)
          (table $any 2 8 anyref)
          (data $passive "abc")
          (elem declare func $f)
          (func $f (export "f"))
          (func (export "count") (param i32) (global.set $count (local.get 0)))
          (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
          (func (export "grow") (drop (memory.grow (i32.const 1))) (drop (table.grow $any (ref.null any) (i32.const 1))))
          (func (export "push") (param i32) (global.set $head (struct.new $node (local.get 0) (global.get $head))))
          (func (export "pop") (global.set $head (struct.get $node 1 (global.get $head))))
          (func (export "set") (param i32) (struct.set $node 0 (global.get $head) (local.get 0)))
          (func (export "loop") (struct.set $node 1 (global.get $head) (global.get $head)))
          (func (export "text") (param i32) (global.set $text (array.new $bytes (i32.const 65) (local.get 0))))
          (func (export "table") (table.set $functions (i32.const 1) (ref.func $f)) (table.set $any (i32.const 0) (ref.i31 (i32.const -5))))
          (func (export "drop") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $passive)))
        """;

    [Fact]
    public void A_snapshot_is_told_by_names()
    {
        using var instance = Guests.Create(Guest);
        foreach (var number in new[] { 1, 2, 3 }) instance.CallNone("push", number);
        instance.CallNone("text", 4);
        instance.CallNone("table");
        instance.CallNone("store", 5000, 1);

        var summary = SnapshotSummary.Of(instance.Capture(), [instance.Module.Description]);

        Assert.Equal([new SavedMemory("memory", 65_536, 1)], summary.Memories);
        Assert.Equal(["count i32 7", "head (ref null 0) node #0", "ratio f64 0.5", "text (ref null 1) bytes #1"], summary.Globals.Select(g => $"{g.Name} {g.Type} {g.Text}").Order(StringComparer.Ordinal));
        Assert.Equal([("functions", 2, 1), ("table[1]", 2, 1)], summary.Tables.Select(t => (t.Name, t.Elements, t.Set)));
        Assert.Equal([new SavedObjects("node", 3, 24), new SavedObjects("bytes", 1, 8)], summary.Objects);
        Assert.Equal((1, 0), (summary.Segments, summary.DroppedSegments));
    }

    [Fact]
    public void Nothing_differs_between_equal_states()
    {
        using var instance = Guests.Create(Guest);
        instance.CallNone("push", 1);
        instance.CallNone("loop");
        var before = instance.Capture();
        instance.CallNone("count", 9);
        instance.CallNone("count", 7);
        Assert.True(Diff(instance, before).IsEmpty);
        Assert.True(SnapshotDiff.Between(before, WasmSnapshot.FromBytes(before.ToBytes()), [instance.Module.Description]).IsEmpty);
    }

    [Fact]
    public void Globals_tables_and_segments_that_changed_are_named()
    {
        using var instance = Guests.Create(Guest);
        var before = instance.Capture();
        instance.CallNone("count", -3);
        instance.CallNone("table");
        instance.CallNone("drop");
        instance.CallNone("grow");

        var diff = Diff(instance, before);

        Assert.Equal([new ValueDifference("count", "7", "-3")], diff.Globals);
        Assert.Equal(["functions [1] null func $f", "table[1] [0] null i31 -5", "table[1] [2]  null"],
            diff.Tables.SelectMany(t => t.Elements.Select(e => $"{t.Name} {e.Name} {e.Before} {e.After}")));
        Assert.Equal([new ValueDifference("segment 0", "there", "dropped")], diff.Segments);
        Assert.Equal((65_536UL, 131_072UL, 0), (diff.Memories[0].SizeBefore, diff.Memories[0].SizeAfter, diff.Memories[0].ChangedPages));
        Assert.Equal(0, diff.ChangedObjects + diff.AddedObjects + diff.RemovedObjects);
    }

    [Fact]
    public void Pages_that_came_changed_and_went_are_listed()
    {
        using var instance = Guests.Create(Guest);
        instance.CallNone("store", 0, 1);
        instance.CallNone("store", 8192, 1);
        var before = instance.Capture();
        instance.CallNone("store", 0, 2);
        instance.CallNone("store", 8192, 0);
        instance.CallNone("store", 20_000, 3);

        var pages = Diff(instance, before).Memories.Single().Pages;

        Assert.Equal([0UL, 8192UL, 16_384UL], pages.Select(p => p.Address));
        Assert.Equal([(1, 2), (1, -1), (-1, 0)], pages.Select(p => (First(p.Before), First(p.After))));
        Assert.Equal((3, 1), (Diff(instance, before, 1).Memories[0].ChangedPages, Diff(instance, before, 1).Memories[0].Pages.Count));

        static int First(ReadOnlyMemory<byte> page) => page.IsEmpty ? -1 : page.Span[0];
    }

    [Fact]
    public void An_object_that_changed_is_the_same_object_whatever_its_number()
    {
        using var instance = Guests.Create(Guest);
        instance.CallNone("text", 2);
        instance.CallNone("push", 1);
        var before = instance.Capture();
        instance.CallNone("set", 5);

        var changed = Diff(instance, before);
        Assert.Equal((1, 0, 0), (changed.ChangedObjects, changed.AddedObjects, changed.RemovedObjects));
        Assert.Equal([new ValueDifference("field 0", "1", "5")], changed.Objects.Single().Fields);

        instance.CallNone("text", 3);
        var grown = Diff(instance, before).Objects.Single(o => o.Type == "bytes");
        Assert.Equal([new ValueDifference("[2]", null, "65")], grown.Fields);
    }

    [Fact]
    public void Objects_that_came_and_went_are_counted_and_told()
    {
        using var instance = Guests.Create(Guest);
        var empty = instance.Capture();
        instance.CallNone("push", 1);
        instance.CallNone("loop");

        var came = Diff(instance, empty);
        Assert.Equal((0, 1, 0), (came.ChangedObjects, came.AddedObjects, came.RemovedObjects));
        Assert.Equal([new ValueDifference("field 0", null, "1"), new ValueDifference("field 1", null, "node #0")], came.Objects.Single().Fields);
        Assert.Equal([new ValueDifference("head", "null", "node #0")], came.Globals);

        var went = SnapshotDiff.Between(instance.Capture(), empty, [instance.Module.Description]);
        Assert.Equal((0, 0, 1), (went.ChangedObjects, went.AddedObjects, went.RemovedObjects));
        Assert.Equal((0, null), (went.Objects.Single().NumberBefore, went.Objects.Single().NumberAfter));
        Assert.Empty(SnapshotDiff.Between(empty, instance.Capture(), [instance.Module.Description], 0).Objects);
    }

    [Fact]
    public void Snapshots_of_other_modules_are_refused()
    {
        using var instance = Guests.Create(Guest);
        using var other = Guests.Create("(module (memory (export \"memory\") 1) (memory 1) (global (mut i64) (i64.const 1)))");
        var snapshot = instance.Capture();
        Assert.Throws<ArgumentException>(() => SnapshotSummary.Of(snapshot, []));
        Assert.Throws<ArgumentException>(() => SnapshotSummary.Of(snapshot, [other.Module.Description]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SnapshotDiff.Between(snapshot, snapshot, [instance.Module.Description], -1));
    }

    private static SnapshotDiff Diff(WasmInstance instance, WasmSnapshot before, int maxDetails = 100) => SnapshotDiff.Between(before, instance.Capture(), [instance.Module.Description], maxDetails);
}
