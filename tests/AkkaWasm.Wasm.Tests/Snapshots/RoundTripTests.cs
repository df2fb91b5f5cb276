using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots;

public sealed class RoundTripTests
{
    /// <summary>State of every kind that is saved, each with a way to change it and a way to see it.</summary>
    private const string Rich = """
        (module
          (type $f (func (result i32)))
          (import "env" "host" (func $host (result i32)))
          (memory (export "memory") 2) (memory $second 1) (memory (export "scratch") 1)
          (data (i32.const 16) "initial") (data $passive "passive") (data $kept "kept")
          (table $t (export "table") 4 100 funcref) (elem (table $t) (i32.const 0) func $one $two)
          (table $typed 2 (ref null $f)) (table $wide i64 1 funcref)
          (elem $segment funcref (ref.func $three) (ref.func $host))
          (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 2)) (global $s (mut f32) (f32.const 3)) (global $d (mut f64) (f64.const 4))
          (global $v (mut v128) (v128.const i64x2 5 6)) (global $r (mut funcref) (ref.func $one)) (global $tr (mut (ref null $f)) (ref.null $f))
          (global $constant i32 (i32.const 9))
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2)) (func $three (result i32) (i32.const 3))
          (func (export "change")
            (drop (memory.grow (i32.const 3))) (i32.store (i32.const 300000) (i32.const 77)) (i32.store (i32.const 16) (i32.const 0x41414141))
            (memory.fill (i32.const 65536) (i32.const 7) (i32.const 10000))
            (drop (memory.grow $second (i32.const 1))) (i64.store $second (i32.const 70000) (i64.const -5))
            (drop (table.grow $t (ref.null func) (i32.const 3))) (table.set $t (i32.const 0) (ref.null func)) (table.set $t (i32.const 6) (ref.func $host))
            (table.set $typed (i32.const 1) (ref.func $two)) (drop (table.grow $wide (ref.func $three) (i64.const 2)))
            (global.set $i (i32.const -1)) (global.set $l (i64.const -2)) (global.set $s (f32.const -3.5)) (global.set $d (f64.const nan:0x8000000000123))
            (global.set $v (v128.const i64x2 -5 -6)) (global.set $r (ref.func $host)) (global.set $tr (ref.func $three))
            (data.drop $passive) (elem.drop $segment))
          (func (export "scribble") (memory.fill 2 (i32.const 0) (i32.const 9) (i32.const 5000)))
          (func (export "memory-size") (result i32) (memory.size))
          (func (export "far") (result i32) (i32.load (i32.const 300000)))
          (func (export "second") (result i64) (i64.load $second (i32.const 70000)))
          (func (export "call") (param i32) (result i32) (call_indirect $t (type $f) (local.get 0)))
          (func (export "call-typed") (result i32) (call_ref $f (table.get $typed (i32.const 1))))
          (func (export "call-wide") (result i32) (call_indirect $wide (type $f) (i64.const 2)))
          (func (export "call-global") (result i32) (call_ref $f (global.get $tr)))
          (func (export "numbers") (result i32 i64 f32 f64 v128) (global.get $i) (global.get $l) (global.get $s) (global.get $d) (global.get $v))
          (func (export "host-in-global") (result i32) (call_ref $f (ref.cast (ref $f) (global.get $r))))
          (func (export "init-data") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 7)))
          (func (export "init-kept") (memory.init $kept (i32.const 0) (i32.const 0) (i32.const 4)))
          (func (export "init-elem") (table.init $t $segment (i32.const 0) (i32.const 0) (i32.const 1))))
        """;

    private static readonly HostFunctions Host =
        new HostFunctions().Define("env", "host", WasmFunctionType.Of([], [WasmValueKind.I32]), (ref HostCall call) => call.SetI32(0, 1000));

    private static readonly WasmModule Module = Guests.Load(Rich);

    [Fact]
    public void Everything_that_changed_is_there_again_in_a_fresh_instance()
    {
        using var instance = Changed();
        var snapshot = WasmSnapshot.FromBytes(instance.Capture().ToBytes());

        using var restored = WasmInstance.Create(Module, Host);
        restored.Restore(snapshot);

        Assert.Equal(5, restored.CallI32("memory-size"));
        Assert.Equal(77, restored.CallI32("far"));
        Assert.Equal(-5, restored.Call("second")[0].AsI64());
        Assert.Equal("AAAAial"u8.ToArray(), restored.GetMemory(0).GetSpan(16, 7).ToArray());
        Assert.Equal(1000, restored.CallI32("call", 6));
        Assert.Equal(2, restored.CallI32("call", 1));
        Assert.Equal(2, restored.CallI32("call-typed"));
        Assert.Equal(3, restored.CallI32("call-wide"));
        Assert.Equal(3, restored.CallI32("call-global"));
        Assert.Equal(1000, restored.CallI32("host-in-global"));
        Assert.Equal(instance.Call("numbers"), restored.Call("numbers"));
        restored.Call("init-kept");
        Assert.Equal("kept"u8.ToArray(), restored.GetMemory(0).GetSpan(0, 4).ToArray());
    }

    [Theory]
    [InlineData("init-data", WasmFailureCode.MemoryOutOfBounds)]
    [InlineData("init-elem", WasmFailureCode.TableOutOfBounds)]
    [InlineData("call", WasmFailureCode.IndirectCallToNull)]
    public void What_was_dropped_or_set_to_null_is_so_again(string function, WasmFailureCode code)
    {
        using var instance = Changed();
        using var restored = WasmInstance.Create(Module, Host);
        restored.Restore(instance.Capture());

        var trap = Assert.Throws<WasmTrapException>(
            () => function == "call" ? restored.Call("call", WasmValue.FromI32(0)) : restored.Call(function));

        Assert.Equal(code, trap.Code);
    }

    [Fact]
    public void A_restored_instance_has_the_hash_and_the_snapshot_of_the_captured_one()
    {
        using var instance = Changed();
        var snapshot = instance.Capture();
        using var restored = WasmInstance.Create(Module, Host);
        restored.Restore(snapshot);

        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
        Assert.Equal(instance.ComputeHash(), snapshot.ComputeHash());
        Assert.Equal(snapshot.ToBytes(), restored.Capture().ToBytes());
        Assert.Equal(snapshot.ToBytes(), WasmSnapshot.FromBytes(snapshot.ToBytes()).ToBytes());
    }

    [Fact]
    public void The_instance_that_was_captured_goes_on_as_if_nothing_had_been()
    {
        using var instance = Changed();
        var before = instance.ComputeHash();
        instance.Capture();
        instance.Capture();

        Assert.Equal(before, instance.ComputeHash());
        Assert.Equal(77, instance.CallI32("far"));
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void An_untouched_instance_restores_over_initial_data_that_the_saved_one_had_erased()
    {
        using var instance = WasmInstance.Create(Module, Host);
        instance.GetMemory(0).GetSpan(0, 4096).Clear();
        using var restored = WasmInstance.Create(Module, Host);

        restored.Restore(instance.Capture());

        Assert.Equal(new byte[7], restored.GetMemory(0).GetSpan(16, 7).ToArray());
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
    }

    [Fact]
    public void Pages_that_did_not_change_are_shared_with_the_previous_snapshot()
    {
        using var instance = Changed();
        var first = instance.Capture();
        instance.GetMemory(0).Write(65536, [1, 2, 3]);

        var second = instance.Capture(first);

        var old = first.Memories[0].Pages.ToArray();
        var now = second.Memories[0].Pages.ToArray();
        Assert.Equal(old.Select(p => p.Number), now.Select(p => p.Number));
        var changed = Array.FindIndex(now, p => p.Number == 16);
        for (var i = 0; i < now.Length; i++) Assert.Equal(i != changed, old[i].Contents.Equals(now[i].Contents));
        Assert.Equal(7, old[changed].Contents.Span[0]);
    }

    [Fact]
    public void Fuel_and_deadline_do_not_disturb_a_capture()
    {
        using var module = Guests.Load(Rich, Guests.WithFuel);
        using var instance = WasmInstance.Create(module, Host);
        Assert.Equal([false, false], CaptureAtTheEnd().Items.Instances[0].DroppedSegments);
        instance.Fuel = ulong.MaxValue;
        instance.SetDeadline(WasmInstance.NoDeadline);
        instance.Call("change");
        Assert.Equal([true, true], CaptureAtTheEnd().Items.Instances[0].DroppedSegments);

        WasmSnapshot CaptureAtTheEnd()
        {
            instance.Fuel = 1;
            instance.SetDeadline(0);
            var snapshot = instance.Capture();
            Assert.Equal(1UL, instance.Fuel);
            return snapshot;
        }
    }

    [Fact]
    public void A_snapshot_of_another_module_or_into_a_used_instance_is_refused_and_changes_nothing()
    {
        using var instance = Changed();
        using var fresh = WasmInstance.Create(Module, Host);
        using var other = Guests.Create("(module (memory 1))");
        var early = fresh.Capture();
        var hash = instance.ComputeHash();

        Assert.Throws<ArgumentException>(() => other.Restore(early));
        Assert.Throws<ArgumentException>(() => instance.Restore(early));
        Assert.Equal(hash, instance.ComputeHash());
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void A_state_beyond_the_limits_is_refused_before_anything_is_restored()
    {
        using var instance = Changed();
        using var small = WasmInstance.Create(Module, Host, new WasmLimits { MemoryBytes = 2 * 65536 });
        using var few = WasmInstance.Create(Module, Host, new WasmLimits { TableElements = 5 });
        var hash = small.ComputeHash();

        Assert.Contains(nameof(WasmLimits.MemoryBytes), Assert.Throws<WasmEngineException>(() => small.Restore(instance.Capture())).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(WasmLimits.TableElements), Assert.Throws<WasmEngineException>(() => few.Restore(instance.Capture())).Message, StringComparison.Ordinal);
        Assert.Equal(hash, small.ComputeHash());
    }

    [Fact]
    public void A_faulted_instance_is_not_captured()
    {
        using var instance = Guests.Create("""(module (func (export "run") unreachable))""");
        Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Throws<InvalidOperationException>(() => instance.Capture());
        Assert.Throws<InvalidOperationException>(() => instance.ComputeHash());
    }

    [Fact]
    public void A_sparse_memory_beyond_four_gibibytes_is_saved_by_its_few_pages()
    {
        const string Wat = """(module (memory (export "memory") i64 0) (func (export "grow") (result i64) (memory.grow (i64.const 98304))))""";
        var limits = new WasmLimits { MemoryBytes = 8L << 30 };
        using var module = Guests.Load(Wat);
        using var instance = WasmInstance.Create(module, Guests.None, limits);
        instance.Call("grow");
        instance.GetMemory(0).Write(5UL << 30, [1, 2, 3]);

        var snapshot = instance.Capture();
        using var restored = WasmInstance.Create(module, Guests.None, limits);
        restored.Restore(snapshot);

        Assert.Equal(4096, snapshot.PageBytes);
        Assert.Equal(6UL << 30, restored.GetMemory(0).Length);
        Assert.Equal([1, 2, 3], restored.GetMemory(0).GetSpan(5UL << 30, 3).ToArray());
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
    }

    [Fact]
    public void Pooled_instances_are_captured_and_restored_and_leave_nothing_to_the_next()
    {
        using var engine = new WasmEngine(new WasmEngineOptions
        {
            Allocation = InstanceAllocation.Pooling,
            Pooling = new PoolingLimits { MaxInstances = 2, MaxMemoriesPerModule = 3, MaxTablesPerModule = 4 },
        });
        using var module = Guests.Load(Rich, engine);
        StateHash fresh, changed;
        WasmSnapshot snapshot;
        using (var first = WasmInstance.Create(module, Host))
        {
            fresh = first.ComputeHash();
            first.Call("change");
            snapshot = first.Capture();
            changed = first.ComputeHash();
        }
        for (var i = 0; i < 4; i++)
        {
            using var next = WasmInstance.Create(module, Host);
            Assert.Equal(fresh, next.ComputeHash());
            next.Restore(snapshot);
            Assert.Equal(changed, next.ComputeHash());
        }
    }

    [Fact]
    public void A_pool_that_is_full_is_a_fault_worth_another_try()
    {
        using var engine = new WasmEngine(new WasmEngineOptions
        {
            Allocation = InstanceAllocation.Pooling,
            Pooling = new PoolingLimits { MaxInstances = 1 },
        });
        using var module = Guests.Load("(module (memory 1))", engine);
        using (WasmInstance.Create(module, Guests.None))
        {
            Assert.True(Assert.Throws<WasmEngineException>(() => WasmInstance.Create(module, Guests.None)).IsTransient);
        }
        using var again = WasmInstance.Create(module, Guests.None);
    }

    private static WasmInstance Changed()
    {
        var instance = WasmInstance.Create(Module, Host);
        instance.Call("change");
        return instance;
    }
}
