namespace AkkaWasm.Wasm.Tests.Binary;

/// <summary>What lives on between calls.</summary>
public sealed class StateReportTests
{
    [Fact]
    public void Numbers_vectors_and_function_references_that_code_sets_are_saved()
    {
        var state = Wat.Read("""
            (memory 1) (memory 1) (table $t 1 funcref) (table 1 funcref) (type $f (func)) (table $typed 1 (ref null $f))
            (global $n (mut i32) (i32.const 0)) (global $v (mut v128) (v128.const i64x2 0 0)) (global $f (mut funcref) (ref.null func))
            (global $constant i64 (i64.const 1)) (global $never_set (mut i64) (i64.const 1))
            (func (global.set $n (i32.const 1)) (global.set $v (v128.const i64x2 1 1)) (global.set $f (ref.null func))
              (table.set $t (i32.const 0) (ref.null func)) (drop (table.grow $typed (ref.null $f) (i32.const 1))))
            """).State;
        Assert.Equal([0, 1], state.Memories);
        Assert.Equal([0, 1, 2], state.Globals);
        Assert.Equal([0, 2], state.Tables);
    }

    [Fact]
    public void What_the_host_could_set_is_saved_as_well()
    {
        var state = Wat.Read("""(global (export "g") (mut i32) (i32.const 0)) (table (export "t") 1 funcref)""").State;
        Assert.Equal([0], state.Globals);
        Assert.Equal([0], state.Tables);
    }

    [Theory]
    [InlineData("(func (param externref anyref exnref))")]
    [InlineData("(global i31ref (ref.i31 (i32.const 1)))")]
    [InlineData("(global (mut exnref) (ref.null exn))")]
    [InlineData("(table 10 exnref)")]
    [InlineData("(type $s (struct (field i32))) (elem (ref $s) (struct.new $s (i32.const 1)))")]
    public void References_that_nothing_keeps_or_that_cannot_change_need_no_saving(string fields)
    {
        var state = Wat.Read(fields).State;
        Assert.Empty(state.Globals);
        Assert.Empty(state.Tables);
    }

    [Theory]
    [InlineData("(global $g (mut anyref) (ref.null any)) (func (global.set $g (ref.null any)))")]
    [InlineData("""(global (export "head") (mut eqref) (ref.null eq))""")]
    [InlineData("""(import "env" "x" (global externref))""")]
    [InlineData("(type $s (struct (field (mut i32)))) (global (ref $s) (struct.new $s (i32.const 1)))")]
    [InlineData("(type $s (struct (field i32))) (global (ref $s) (struct.new $s (i32.const 1)))")]
    [InlineData("(type $a (array (mut i8))) (type $s (struct (field (ref $a)))) (global (ref $s) (struct.new $s (array.new_default $a (i32.const 9))))")]
    [InlineData("(global $g (mut i31ref) (ref.null i31)) (func (global.set $g (ref.i31 (i32.const 1))))")]
    [InlineData("(global $g (mut nullref) (ref.null none)) (func (global.set $g (ref.null none)))")]
    public void A_global_that_can_hold_an_object_or_be_set_is_saved(string fields) => Assert.Equal([0], Wat.Read(fields).State.Globals);

    [Theory]
    [InlineData("(table $t 1 externref) (func (table.set $t (i32.const 0) (ref.null extern)))")]
    [InlineData("(table $t 1 exnref) (func (table.fill $t (i32.const 0) (ref.null exn) (i32.const 1)))")]
    [InlineData("(type $s (struct (field (mut i32)))) (table 1 (ref $s) (struct.new_default $s))")]
    [InlineData("(type $s (struct)) (table 1 (ref $s) (struct.new $s))")]
    [InlineData("(type $s (struct (field (mut i32)))) (table 1 anyref) (elem (table 0) (i32.const 0) anyref (item struct.new_default $s))")]
    public void A_table_that_can_hold_objects_or_be_set_is_saved(string fields) => Assert.Equal([0], Wat.Read(fields).State.Tables);

    [Fact]
    public void A_passive_segment_counts_if_code_can_drop_it_and_it_has_a_length()
    {
        var state = Wat.Read("""
            (memory 1) (func $f) (table 1 funcref)
            (data $a "x") (data $kept "x") (data $empty "") (data $active (i32.const 0) "x")
            (elem $e func $f) (elem $kept_e func $f) (elem $empty_e func) (elem $active_e (i32.const 0) func $f)
            (func data.drop $a data.drop $empty data.drop $active elem.drop $e elem.drop $empty_e elem.drop $active_e)
            """).State;
        Assert.Equal([0], state.DroppableData);
        Assert.Equal([0], state.DroppableElements);
    }
}
