using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Tests.Instances;

/// <summary>Instances whose memories share mappings: accessible neighbours, slots that are used again.</summary>
public sealed class DenseInstanceTests
{
    private const string Guest = """
        (module (memory (export "memory") 0)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "store") (param i32) (i32.store (local.get 0) (i32.const -1)))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
        """;

    private static readonly WasmEngineOptions Dense = new() { Allocation = InstanceAllocation.Dense };

    [Fact]
    public unsafe void A_slot_that_is_used_again_is_empty_and_slots_do_not_overlap()
    {
        if (!OperatingSystem.IsLinux()) return;
        var source = new HostMemorySource(new HostMemoryBudget(long.MaxValue), isDense: true);
        var sizes = new[] { 0, 1, 65_536, 65_537, 200_000, MemoryArena.MaxSlotBytes, MemoryArena.MaxSlotBytes + 1 };
        for (var round = 0; round < 3; round++)
        {
            var memories = sizes.Select(size => HostMemory.TryCreate(source, null, (nuint)size, 0, 0)!).ToList();
            Assert.All(memories, memory => Assert.Equal(-1, new Span<byte>(memory.Base, (int)memory.Size).IndexOfAnyExcept((byte)0)));
            foreach (var memory in memories) new Span<byte>(memory.Base, (int)memory.Size).Fill((byte)(memories.IndexOf(memory) + 1));
            Assert.All(memories, memory => Assert.Equal(-1, new Span<byte>(memory.Base, (int)memory.Size).IndexOfAnyExcept((byte)(memories.IndexOf(memory) + 1))));
            memories.ForEach(memory => memory.Free());
        }
        source.Free();
    }

    [Fact]
    public void An_access_past_the_end_is_a_trap_though_the_neighbour_is_accessible()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(Dense);
        using var module = Guests.Load(Guest, engine);
        foreach (var pages in new[] { 0, 1, 3 })
        {
            using var neighbour = WasmInstance.Create(module, Guests.None);
            neighbour.CallI32("grow", 8);
            foreach (var address in new[] { pages * 65536, (pages * 65536) - 3, 0x7fffffff, -4 })
            {
                using var instance = WasmInstance.Create(module, Guests.None);
                instance.CallI32("grow", pages);
                Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Assert.Throws<WasmTrapException>(() => instance.Call("store", WasmValue.FromI32(address))).Code);
            }
            Assert.All(Enumerable.Range(0, 8 * 16), at => Assert.Equal(0, neighbour.CallI32("load", at * 4096)));
        }
    }

    [Theory]
    [InlineData("(memory (export \"memory\") 0 1)")]
    [InlineData("(memory (export \"memory\") i64 0 1)")]
    [InlineData("(memory (export \"memory\") 0 0)")]
    public void A_memory_that_begins_empty_is_empty(string memory)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(Dense);
        var type = memory.Contains("i64", StringComparison.Ordinal) ? "i64" : "i32";
        using var instance = Guests.Create($"(module {memory} (func (export \"run\") (drop (i32.load ({type}.const 0)))))", engine: engine);

        Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
    }

    [Fact]
    public void A_memory_moves_to_larger_slots_and_out_of_the_arena_with_its_contents()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(Dense);
        using var instance = Guests.Create(Guest, engine: engine);
        for (var pages = 1; pages < 300; pages += 7)
        {
            instance.CallI32("grow", pages == 1 ? 1 : 7);
            instance.Call("store", WasmValue.FromI32((pages * 65536) - 4));
        }
        for (var pages = 1; pages < 300; pages += 7) Assert.Equal(-1, instance.CallI32("load", (pages * 65536) - 4));

        using var copy = WasmInstance.Create(instance.Module, Guests.None);
        copy.Restore(instance.Capture());
        Assert.Equal(instance.ComputeHash(), copy.ComputeHash());
    }

    [Fact]
    public void A_guest_with_a_GC_heap_runs_and_gives_it_back()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(Dense);
        using var module = Guests.Load("""
            (module (memory (export "memory") 1) (type $node (struct (field i32) (field (ref null $node)))) (global $list (mut (ref null $node)) (ref.null $node))
              (func (export "run") (param $n i32) (result i32)
                (loop $more (global.set $list (struct.new $node (local.get $n) (global.get $list))) (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (struct.get $node 0 (global.get $list))))
            """, engine);
        for (var round = 0; round < 20; round++)
        {
            using var instance = WasmInstance.Create(module, Guests.None);
            Assert.Equal(1, instance.CallI32("run", 50_000));
        }
    }

    [Theory]
    [InlineData(InstanceAllocation.OnDemand, 3)]
    [InlineData(InstanceAllocation.Dense, 1)]
    public void Past_the_limit_of_mappings_no_instance_can_be_made_until_one_is_gone(InstanceAllocation allocation, int mappings)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(new WasmEngineOptions { Allocation = allocation, MaxMappings = mappings });
        using var module = Guests.Load(allocation == InstanceAllocation.Dense ? "(module (memory 1000))" : Guest, engine);
        if (allocation == InstanceAllocation.OnDemand)
        {
            using var first = WasmInstance.Create(module, Guests.None);
            Assert.True(Assert.Throws<WasmEngineException>(() => WasmInstance.Create(module, Guests.None)).IsTransient);
            first.Dispose();
            WasmInstance.Create(module, Guests.None).Dispose();
            return;
        }
        Assert.True(Assert.Throws<WasmEngineException>(() => WasmInstance.Create(module, Guests.None)).IsTransient);
        using var small = Guests.Load(Guest, engine);
        var many = Enumerable.Range(0, 500).Select(_ => WasmInstance.Create(small, Guests.None)).ToList();
        many.ForEach(instance => instance.Dispose());
    }
}
