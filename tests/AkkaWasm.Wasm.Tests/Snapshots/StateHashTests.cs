using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots;

public sealed class StateHashTests
{
    private const string Wat = """
        (module (memory (export "memory") 4) (memory (export "scratch-pad") 2) (memory $kept 1) (global $g (mut i32) (i32.const 0))
          (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
          (func (export "set") (param i32) (global.set $g (local.get 0)))
          (func (export "scribble") (memory.fill 1 (i32.const 100) (i32.const 7) (i32.const 9000)))
          (func (export "seen") (result i32) (i32.load 1 (i32.const 4096)))
          (func (export "grow-scratch") (drop (memory.grow 1 (i32.const 1)))))
        """;

    private static readonly WasmModule Module = Guests.Load(Wat);

    [Fact]
    public void A_page_of_zeros_hashes_the_same_whether_it_was_ever_touched_or_not()
    {
        using var untouched = New();
        using var written = New();
        using var read = New();
        Store(written, 8192, 0);
        Store(written, 70000, 5);
        Store(written, 70000, 0);
        read.GetMemory(0).GetSpan(0, 4 * 65536).ToArray();

        Assert.Equal(untouched.ComputeHash(), written.ComputeHash());
        Assert.Equal(untouched.ComputeHash(), read.ComputeHash());
        Assert.Equal(untouched.Capture().ToBytes(), written.Capture().ToBytes());
    }

    [Fact]
    public void The_same_state_reached_by_other_ways_has_the_same_hash_and_another_state_another()
    {
        using var a = New();
        using var b = New();
        Store(a, 100, 1);
        Store(a, 200000, 2);
        Store(b, 200000, 9);
        Store(b, 100, 1);
        Store(b, 200000, 2);
        Assert.Equal(a.ComputeHash(), b.ComputeHash());

        b.Call("set", WasmValue.FromI32(1));
        Assert.NotEqual(a.ComputeHash(), b.ComputeHash());
        b.Call("set", WasmValue.FromI32(0));
        Store(b, 200000, 3);
        Assert.NotEqual(a.ComputeHash(), b.ComputeHash());
    }

    [Fact]
    public void Equal_bytes_in_another_memory_or_on_another_page_are_another_state()
    {
        using var a = New();
        using var b = New();
        using var c = New();
        a.GetMemory(0).Write(0, [1]);
        b.GetMemory(2).Write(0, [1]);
        c.GetMemory(0).Write(4096, [1]);

        Assert.Equal(3, new[] { a, b, c }.Select(i => i.ComputeHash()).Distinct().Count());
    }

    [Fact]
    public void Scratch_memories_are_neither_hashed_nor_saved_but_their_size_is()
    {
        using var instance = New();
        var before = instance.ComputeHash();
        instance.Call("scribble");
        Assert.Equal(before, instance.ComputeHash());
        Assert.Equal(0, instance.Capture().PageBytes);

        instance.Call("grow-scratch");
        Assert.NotEqual(before, instance.ComputeHash());
        using var restored = New();
        restored.Restore(instance.Capture());
        Assert.Equal(3UL * 65536, restored.GetMemory(1).Length);
        Assert.Equal(0, restored.CallI32("seen"));
    }

    [Fact]
    public void Zeroing_clears_the_scratch_memories_and_nothing_else()
    {
        using var instance = New();
        instance.Call("scribble");
        Store(instance, 100, 5);
        var hash = instance.ComputeHash();
        Assert.NotEqual(0, instance.CallI32("seen"));

        instance.ZeroScratchMemories();

        Assert.True(instance.GetMemory(1).GetSpan(0, 2 * 65536).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(0, instance.CallI32("seen"));
        Assert.Equal(hash, instance.ComputeHash());
    }

    [Fact]
    public void A_hash_survives_text_and_bytes()
    {
        using var instance = New();
        var hash = instance.ComputeHash();
        var bytes = new byte[StateHash.SizeBytes];
        hash.CopyTo(bytes);

        Assert.Equal(hash, StateHash.Parse(hash.ToString()));
        Assert.Equal(hash, StateHash.FromBytes(bytes));
        Assert.Throws<FormatException>(() => StateHash.Parse("abc"));
    }

    private static WasmInstance New() => WasmInstance.Create(Module, Guests.None);

    private static void Store(WasmInstance instance, int address, int value) =>
        instance.Call("store", WasmValue.FromI32(address), WasmValue.FromI32(value));
}
