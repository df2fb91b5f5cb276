using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

[Collection(nameof(AloneInProcess))]
public sealed class ReferenceTests
{
    private const string Guest = """
        (module
          (type $point (struct (field i32)))
          (type $bytes (array i8))
          (tag $oops)
          (global (export "any") (mut anyref) (ref.null none))
          (global (export "extern") (mut externref) (ref.null noextern))
          (global (export "func") (mut funcref) (ref.func $f))
          (global (export "i31") (ref i31) (ref.i31 (i32.const -3)))
          (global (export "point") (ref $point) (struct.new $point (i32.const 1)))
          (global (export "number") (mut v128) (v128.const i64x2 1 2))
          (table $kept 0 externref)
          (func $f (export "f"))
          (func (export "externs") (param externref) (result externref) (local.get 0))
          (func (export "anys") (param anyref) (result anyref) (local.get 0))
          (func (export "eqs") (param eqref) (result eqref) (local.get 0))
          (func (export "i31s") (param (ref i31)) (result i32) (i31.get_s (local.get 0)))
          (func (export "internal") (param externref) (result anyref) (any.convert_extern (local.get 0)))
          (func (export "external") (param anyref) (result externref) (extern.convert_any (local.get 0)))
          (func (export "all") (result anyref anyref anyref externref funcref exnref anyref)
            (struct.new $point (i32.const 7)) (array.new_default $bytes (i32.const 3)) (ref.i31 (i32.const 0x3fffffff))
            (extern.convert_any (struct.new $point (i32.const 7))) (ref.func $f)
            (block $b (result exnref) (try_table (catch_all_ref $b) (throw $oops)) (unreachable)) (ref.null none))
          (func (export "keep") (param externref) (drop (table.grow $kept (local.get 0) (i32.const 1))))
          (func (export "kept") (param i32) (result externref) (table.get $kept (local.get 0)))
          (func (export "garbage") (param $n i32)
            (loop $l (drop (array.new_default $bytes (i32.const 10000))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "two") (param externref i32 anyref) (result anyref i32 externref)
            (any.convert_extern (local.get 0)) (local.get 1) (extern.convert_any (local.get 2))))
        """;

    public static readonly TheoryData<string, WasmValue> Passed = new()
    {
        { "externs", WasmValue.NullReference },
        { "externs", WasmValue.FromHostReference(0) },
        { "externs", WasmValue.FromHostReference(7) },
        { "externs", WasmValue.FromHostReference(ulong.MaxValue) },
        { "externs", WasmValue.FromI31(-1) },
        { "anys", WasmValue.NullReference },
        { "anys", WasmValue.FromHostReference(0) },
        { "anys", WasmValue.FromHostReference(1UL << 63) },
        { "anys", WasmValue.FromI31(int.MaxValue) },
        { "eqs", WasmValue.FromI31(-1 << 30) },
        { "internal", WasmValue.FromHostReference(12) },
        { "internal", WasmValue.FromI31(3) },
        { "external", WasmValue.FromHostReference(12) },
        { "external", WasmValue.FromI31(3) },
    };

    [Theory]
    [MemberData(nameof(Passed))]
    public void A_reference_comes_back_as_it_was_given(string function, WasmValue value)
    {
        using var instance = Guests.Create(Guest);

        Assert.Equal(value, instance.Call(function, value)[0]);
    }

    [Fact]
    public void Results_tell_what_they_refer_to()
    {
        using var instance = Guests.Create(Guest);

        var results = instance.Call("all");

        Assert.Equal(
            [ReferenceKind.Struct, ReferenceKind.Array, ReferenceKind.I31, ReferenceKind.Struct, ReferenceKind.Function, ReferenceKind.Exception, ReferenceKind.Null],
            results.Select(r => r.ReferenceKind));
        Assert.Equal(0x3fffffff, results[2].AsI31());
        Assert.Equal(["struct", "array", "i31 1073741823", "struct", "function", "exception", "null"], results.Select(r => r.ToString()));
        Assert.Throws<InvalidOperationException>(() => results[0].AsI31());
        Assert.Throws<InvalidOperationException>(() => results[0].AsHostReference());
    }

    [Theory]
    [InlineData("eqs")]
    [InlineData("i31s")]
    public void A_host_reference_is_refused_where_it_cannot_stand(string function)
    {
        using var instance = Guests.Create(Guest);

        Assert.Throws<ArgumentException>(() => instance.Call(function, WasmValue.FromHostReference(1)));
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void Objects_of_the_guest_cannot_be_passed_back()
    {
        using var instance = Guests.Create(Guest);
        var point = instance.Call("all")[0];

        var refusal = Assert.Throws<ArgumentException>(() => instance.Call("anys", point));

        Assert.Contains("not struct", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => instance.Call("i31s", WasmValue.NullReference));
        Assert.Equal(-5, instance.Call("i31s", WasmValue.FromI31(-5))[0].AsI32());
    }

    [Fact]
    public void Several_references_pass_at_once()
    {
        using var instance = Guests.Create(Guest);

        var results = instance.Call("two", WasmValue.FromHostReference(1), WasmValue.FromI32(2), WasmValue.FromHostReference(3));

        Assert.Equal([WasmValue.FromHostReference(1), WasmValue.FromI32(2), WasmValue.FromHostReference(3)], results);
    }

    [Fact]
    public void Kept_host_references_outlive_collections_and_others_are_freed()
    {
        using var instance = Guests.Create(Guest, limits: new WasmLimits { GcHeapBytes = 4 << 20, TableElements = 100 });
        for (var i = 0u; i < 100; i++) instance.Call("keep", WasmValue.FromHostReference(i * 1000));

        for (var i = 0; i < 300_000; i++) instance.Call("externs", WasmValue.FromHostReference((ulong)i));
        instance.Call("garbage", WasmValue.FromI32(2000));

        for (var i = 0; i < 100; i++) Assert.Equal(WasmValue.FromHostReference((ulong)i * 1000), instance.Call("kept", WasmValue.FromI32(i))[0]);
    }

    [Fact]
    public void Globals_are_read_and_written()
    {
        using var instance = Guests.Create(Guest);
        var (any, outer, number) = (instance.GetGlobal("any")!, instance.GetGlobal("extern")!, instance.GetGlobal("number")!);
        Assert.Equal(WasmValue.NullReference, any.Value);
        foreach (var value in new[] { WasmValue.FromI31(-9), WasmValue.FromHostReference(5), WasmValue.NullReference })
        {
            (any.Value, outer.Value) = (value, value);
            Assert.Equal((value, value), (any.Value, outer.Value));
        }

        Assert.Equal(WasmValue.FromV128(new UInt128(2, 1)), number.Value);
        number.Value = WasmValue.FromV128(new UInt128(3, 4));
        Assert.Equal(WasmValue.FromV128(new UInt128(3, 4)), number.Value);
        Assert.Equal(WasmValue.FromI31(-3), instance.GetGlobal("i31")!.Value);
        Assert.Equal(ReferenceKind.Struct, instance.GetGlobal("point")!.Value.ReferenceKind);
        Assert.Equal(ReferenceKind.Function, instance.GetGlobal("func")!.Value.ReferenceKind);
        instance.GetGlobal("func")!.Value = WasmValue.NullReference;
        Assert.True(instance.GetGlobal("func")!.Value.IsNullReference);
        Assert.Null(instance.GetGlobal("f"));
        Assert.Throws<InvalidOperationException>(() => instance.GetGlobal("i31")!.Value = WasmValue.FromI31(1));
        Assert.Throws<ArgumentException>(() => number.Value = WasmValue.FromI32(1));
        Assert.Throws<ArgumentException>(() => instance.GetGlobal("func")!.Value = WasmValue.FromHostReference(1));
    }

    [Fact]
    public void A_host_reference_that_has_no_room_is_a_failure_of_its_own()
    {
        using var instance = Guests.Create(Guest, limits: new WasmLimits { GcHeapBytes = 1 << 20, TableElements = 1_000_000 });

        var failure = Assert.Throws<WasmTrapException>(() =>
        {
            for (var i = 0u; i < 1_000_000; i++) instance.Call("keep", WasmValue.FromHostReference(i));
        });

        Assert.Equal(WasmFailureCode.GcHeapOutOfMemory, failure.Code);
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void No_handles_are_left()
    {
        var before = NativeHandle.OpenCount;

        for (var i = 0; i < 100; i++)
        {
            using var instance = Guests.Create(Guest);
            instance.Call("keep", WasmValue.FromHostReference(1));
            instance.Module.Dispose();
        }

        Assert.True(NativeHandle.OpenCount <= before);
    }
}
