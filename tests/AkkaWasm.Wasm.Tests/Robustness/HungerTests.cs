using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Guests that take memory, table elements and objects without end: each ends at its limit.</summary>
public sealed class HungerTests
{
    private static readonly WasmLimits Small = new() { MemoryBytes = 8 << 20, GcHeapBytes = 8 << 20, TableElements = 10_000 };

    public static TheoryData<string, WasmFailureCode> Objects => new()
    {
        { "(global.set $kept (struct.new $n (global.get $kept)))", WasmFailureCode.GcHeapOutOfMemory },
        { "(global.set $arrays (array.new $l (global.get $arrays) (i32.const 100)))", WasmFailureCode.GcHeapOutOfMemory },
        { "(global.set $any (array.new_default $b (i32.const 0x1000000)))", WasmFailureCode.GcHeapOutOfMemory },
        { "(global.set $any (array.new_default $b (i32.const 0x7fffffff)))", WasmFailureCode.GcHeapOutOfMemory },
        { "(global.set $any (array.new_default $v (i32.const 0x10000000)))", WasmFailureCode.AllocationTooLarge },
    };

    [Theory]
    [MemberData(nameof(Objects))]
    public void Objects_without_end_end_at_the_limit_of_the_heap(string body, WasmFailureCode code)
    {
        using var instance = Guests.Create(
            $"""
            (module
              (type $n (struct (field (ref null $n)))) (type $l (array (ref null $l))) (type $b (array i8)) (type $v (array v128))
              (global $kept (mut (ref null $n)) (ref.null $n)) (global $arrays (mut (ref null $l)) (ref.null $l)) (global $any (mut anyref) (ref.null any))
              (func (export "run") (loop $again {body} (br $again))))
            """, limits: Small);

        Assert.Equal(code, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
    }

    [Theory]
    [InlineData("(memory 0)", "(memory.grow (i32.const 1))", 128)]
    [InlineData("(memory i64 0)", "(i32.wrap_i64 (memory.grow (i64.const 1)))", 128)]
    [InlineData("(table $t 0 funcref)", "(table.grow $t (ref.null func) (i32.const 1))", 10_000)]
    [InlineData("(table $t i64 0 anyref)", "(i32.wrap_i64 (table.grow $t (ref.null any) (i64.const 1)))", 10_000)]
    [InlineData("(table $t 0 externref)", "(table.grow $t (ref.null extern) (i32.const 1))", 10_000)]
    public void Growth_without_end_answers_minus_one_at_the_limit(string item, string grow, int most)
    {
        using var instance = Guests.Create(
            $"""
            (module {item}
              (func (export "run") (result i32) (local i32)
                (loop $again (if (i32.ne {grow} (i32.const -1)) (then (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $again)))) (local.get 0)))
            """, limits: Small);

        Assert.Equal(most, instance.CallI32("run"));
        Assert.False(instance.Faulted);
    }

    [Theory]
    [InlineData("(memory.grow (i32.const -1))")]
    [InlineData("(i32.wrap_i64 (memory.grow $large (i64.const -1)))")]
    [InlineData("(i32.wrap_i64 (memory.grow $large (i64.const 0x1000000000000)))")]
    [InlineData("(table.grow $t (ref.null func) (i32.const -1))")]
    public void A_growth_by_an_absurd_amount_answers_minus_one(string grow)
    {
        using var instance = Guests.Create($"""(module (memory 1) (memory $large i64 1) (table $t 1 funcref) (func (export "run") (result i32) {grow}))""", limits: Small);

        Assert.Equal(-1, instance.CallI32("run"));
    }
}
