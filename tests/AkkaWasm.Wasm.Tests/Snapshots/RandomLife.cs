using AkkaWasm.Wasm.Snapshots;
using AkkaWasm.Wasm.Tests.Instances;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>One guest that writes, grows, is written to, captured, hashed, restored and replaced at random.</summary>
internal sealed class RandomLife(WasmModule module, SplitMix random, bool growsWide) : IDisposable
{
    /// <summary>A memory that gets large, a small one, one beyond 4 GiB and a scratch one.</summary>
    public const string Guest = """
        (module
          (memory (export "memory") 64 512) (memory $small 1 2) (memory $wide i64 1) (memory (export "scratch") 32)
          (data (i32.const 1000) "initial")
          (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 2) (local.get 1)))
          (func (export "fill-small") (param i32 i32) (memory.fill $small (local.get 0) (local.get 1) (i32.const 100)))
          (func (export "fill-wide") (param i64 i32) (memory.fill $wide (local.get 0) (local.get 1) (i64.const 20000)))
          (func (export "fill-scratch") (param i32) (memory.fill 3 (i32.const 0) (local.get 0) (i32.const 2000000)))
          (func (export "grow") (param i32) (drop (memory.grow (local.get 0))))
          (func (export "grow-wide") (result i64) (memory.grow $wide (i64.const 81920))))
        """;

    private const int Page = PageBlock.PageBytes;
    private static readonly ItemImage NoItems = new([new InstanceItems([], [], [], [])], [], HeapImage.Empty);
    private static readonly WasmLimits Limits = new() { MemoryBytes = 24L << 30 };

    private readonly List<WasmSnapshot> _snapshots = [];
    private WasmInstance _instance = WasmInstance.Create(module, Guests.None, Limits);

    private int MemoryBytes => (int)_instance.MemoryLength(0);

    public void Dispose() => _instance.Dispose();

    /// <summary>Does something; the answer is what was wrong afterwards, or null.</summary>
    public string? Step()
    {
        var what = random.Below(14);
        switch (what)
        {
            case 0 or 1 or 2:
                Fill((random.Below(8) switch { 0 => 700, < 3 => 64, _ => 3 }) * Page, random.Below(4));
                return null;
            case 3:
                WriteFromHost();
                return null;
            case 4:
                _instance.Call("fill-small", WasmValue.FromI32(random.Below(60000)), WasmValue.FromI32(random.Below(2)));
                _instance.Call("fill-scratch", WasmValue.FromI32(random.Below(2)));
                return null;
            case 5:
                FillWide();
                return null;
            case 6:
                _instance.Call("grow", WasmValue.FromI32(1 + random.Below(30)));
                return null;
            case 7:
                _instance.ZeroScratchMemories();
                return null;
            case 8 or 9:
                return Hash();
            case 10:
                return RestoreHere();
            case 11:
                return RestoreFresh();
            default:
                return Capture();
        }
    }

    private void Fill(int length, int value) => _instance.Call("fill",
        WasmValue.FromI32(random.Below(MemoryBytes - length)), WasmValue.FromI32(random.Below(length)), WasmValue.FromI32(value));

    private void FillWide()
    {
        if (growsWide && random.Below(3) == 0 && _instance.MemoryLength(2) < 8UL << 30) _instance.Call("grow-wide");
        var pages = (int)(_instance.MemoryLength(2) / 65536) - 1;
        var address = pages == 0 ? 0 : (long)random.Below(pages) * 65536;
        _instance.Call("fill-wide", WasmValue.FromI64(address), WasmValue.FromI32(random.Below(2)));
    }

    private void WriteFromHost()
    {
        var bytes = new byte[1 + random.Below(3 * Page)];
        Array.Fill(bytes, (byte)random.Below(3));
        _instance.GetMemory(0).Write((ulong)random.Below(MemoryBytes - bytes.Length), bytes);
    }

    private string? Hash()
    {
        var hash = _instance.ComputeHash();
        return random.Below(2) == 0 ? null : hash == Expected().ComputeHash() ? null : "the hash is another";
    }

    private string? Capture()
    {
        var previous = _snapshots.Count == 0 || random.Below(4) == 0 ? null : random.Below(2) == 0 ? _snapshots[^1] : _snapshots[random.Below(_snapshots.Count)];
        var snapshot = _instance.Capture(previous);
        _snapshots.Add(snapshot);
        return Compare(snapshot);
    }

    private string? RestoreHere()
    {
        if (_snapshots.Count == 0) return null;
        var snapshot = _snapshots[random.Below(_snapshots.Count)];
        for (var i = 0; i < snapshot.Memories.Length; i++) if (snapshot.Memories[i].SizeBytes < _instance.MemoryLength(i)) return null;
        _instance.Restore(snapshot);
        return Compare(snapshot);
    }

    private string? RestoreFresh()
    {
        if (_snapshots.Count == 0) return null;
        var snapshot = _snapshots[random.Below(_snapshots.Count)];
        if (random.Below(2) == 0) snapshot = WasmSnapshot.FromBytes(snapshot.ToBytes());
        _instance.Dispose();
        _instance = WasmInstance.Create(module, Guests.None, Limits);
        _instance.Restore(snapshot);
        return Compare(snapshot);
    }

    private string? Compare(WasmSnapshot snapshot)
    {
        var expected = Expected();
        if (!expected.ToBytes().AsSpan().SequenceEqual(snapshot.ToBytes())) return "the snapshot differs from the memories";
        return expected.ComputeHash() == snapshot.ComputeHash() ? null : "the snapshot's hash is another";
    }

    /// <summary>A snapshot made without any of what is tested, but for the wide memory, which is read where the kernel says that it was touched.</summary>
    private unsafe WasmSnapshot Expected()
    {
        var memories = new MemoryImage[4];
        for (var i = 0; i < memories.Length; i++)
        {
            var start = _instance.MemoryBase(i);
            var length = _instance.MemoryLength(i);
            var ranges = TouchedPages.Find(start, length, asksKernel: i == 2);
            memories[i] = i == 3 ? MemoryImage.SizeOnly(length) : new MemoryReader(start, length, null, copies: true).ReadTouched(ranges);
        }
        return WasmSnapshot.FromBytes(new WasmSnapshot([new ModuleImage(_instance.Module.ContentHash, [])], memories, NoItems).ToBytes());
    }
}
