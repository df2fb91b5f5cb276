namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class TrapTests
{
    public static TheoryData<WasmFailureCode, string> Bodies => new()
    {
        { WasmFailureCode.Unreachable, "unreachable" },
        { WasmFailureCode.MemoryOutOfBounds, "(drop (i32.load (i32.const 0x7fffffff)))" },
        { WasmFailureCode.MemoryOutOfBounds, "(drop (i64.load $large (i64.const 0x7fffffffffff)))" },
        { WasmFailureCode.TableOutOfBounds, "(drop (table.get $t (i32.const 99)))" },
        { WasmFailureCode.TableOutOfBounds, "(call_indirect $t (type $v) (i32.const 99))" },
        { WasmFailureCode.IndirectCallToNull, "(call_indirect $t (type $v) (i32.const 1))" },
        { WasmFailureCode.BadSignature, "(drop (call_indirect $t (result i32) (i32.const 0)))" },
        { WasmFailureCode.IntegerOverflow, "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))" },
        { WasmFailureCode.IntegerOverflow, "(drop (i32.trunc_f32_s (f32.const 1e30)))" },
        { WasmFailureCode.IntegerDivisionByZero, "(drop (i32.div_u (i32.const 1) (i32.const 0)))" },
        { WasmFailureCode.BadConversionToInteger, "(drop (i32.trunc_f32_s (f32.const nan)))" },
        { WasmFailureCode.StackOverflow, "(call $run)" },
        { WasmFailureCode.NullReference, "(call_ref $v (ref.null $v))" },
        { WasmFailureCode.ArrayOutOfBounds, "(drop (array.get $a (array.new_default $a (i32.const 3)) (i32.const 3)))" },
        { WasmFailureCode.CastFailure, "(drop (ref.cast (ref $s) (ref.i31 (i32.const 1))))" },
        { WasmFailureCode.AllocationTooLarge, "(drop (array.new_default $a (i32.const 0x7fffffff)))" },
        { WasmFailureCode.UncaughtException, "(throw $e (i32.const 7))" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_trap_arrives_with_its_code_and_the_function_it_happened_in(WasmFailureCode code, string body)
    {
        using var instance = Guests.Create(Module(body));

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(code, trap.Code);
        Assert.NotEmpty(trap.Frames);
        Assert.Equal("culprit", trap.Frames[0].FunctionName);
        Assert.True(instance.Faulted);
        Assert.Throws<InvalidOperationException>(() => instance.Call("fine"));
    }

    private static string Module(string body) => $"""
        (module
          (type $v (func)) (type $s (struct (field i32))) (type $a (array (mut i64)))
          (memory 1) (memory $large i64 1) (table $t 2 2 funcref) (elem (table $t) (i32.const 0) func $fine)
          (tag $e (param i32))
          (func $fine (export "fine"))
          (func $run (@name "culprit") (export "run") {body}))
        """;
}
