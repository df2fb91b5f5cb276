namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class MemoryTests
{
    private const string Two = """
        (module (memory (export "memory") 1) (memory $hidden 2) (data (memory $hidden) (i32.const 5) "deep")
          (func (export "grow") (result i32) (memory.grow (i32.const 1)))
          (func (export "peek") (param i32) (result i32) (i32.load8_u $hidden (local.get 0))))
        """;

    [Fact]
    public void Memories_are_found_by_export_name_and_by_index_and_hidden_ones_too()
    {
        using var instance = Guests.Create(Two);
        var hidden = instance.GetMemory(1);
        var bytes = new byte[4];
        hidden.Read(5, bytes);
        hidden.Write(100, [42]);

        Assert.Equal("deep"u8.ToArray(), bytes);
        Assert.Equal(42, instance.CallI32("peek", 100));
        Assert.Equal(2UL * 65536, hidden.Length);
        Assert.Equal(65536UL, instance.GetMemory("memory")!.Value.Length);
        Assert.Null(instance.GetMemory("hidden"));
        Assert.Throws<ArgumentOutOfRangeException>(() => instance.GetMemory(2));
    }

    [Theory]
    [InlineData(65536UL, 0, true)]
    [InlineData(65535UL, 1, true)]
    [InlineData(65535UL, 2, false)]
    [InlineData(65537UL, 0, false)]
    [InlineData(ulong.MaxValue, 1, false)]
    [InlineData(ulong.MaxValue - 3, 8, false)]
    [InlineData(0UL, -1, false)]
    public void Bounds_are_checked_at_full_width(ulong offset, int length, bool inside)
    {
        using var instance = Guests.Create(Two);
        var memory = instance.GetMemory(0);

        Assert.Equal(inside, memory.TryGetSpan(offset, length, out var span));
        Assert.Equal(inside ? length : 0, span.Length);
        if (!inside) Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(offset, length).Length);
    }

    [Fact]
    public void A_view_follows_its_memory_as_it_grows()
    {
        using var instance = Guests.Create(Two);
        var memory = instance.GetMemory(0);
        Assert.False(memory.TryGetSpan(65536, 1, out _));

        Assert.Equal(1, instance.CallI32("grow"));

        Assert.True(memory.TryGetSpan(65536, 65536, out _));
    }

    [Fact]
    public void A_64_bit_memory_is_read_and_written_above_four_gibibytes()
    {
        using var instance = Guests.Create(
            """
            (module (memory (export "memory") i64 65600)
              (func (export "store") (param i64 i64) (i64.store (local.get 0) (local.get 1)))
              (func (export "load") (param i64) (result i64) (i64.load (local.get 0))))
            """,
            limits: new WasmLimits { MemoryBytes = 8L << 30 });
        const long High = (4L << 30) + 4096;
        var memory = instance.GetMemory("memory")!.Value;

        instance.Call("store", WasmValue.FromI64(High), WasmValue.FromI64(0x1122334455667788));
        memory.Write((ulong)High + 8, [1]);

        Assert.True(memory.Is64);
        Assert.Equal(0x88, memory.GetSpan((ulong)High, 1)[0]);
        Assert.Equal(1, instance.Call("load", WasmValue.FromI64(High + 8))[0].AsI64());
        Assert.Equal(0, instance.Call("load", WasmValue.FromI64(4096))[0].AsI64());
    }
}
