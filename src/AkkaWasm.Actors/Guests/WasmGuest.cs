using System.IO.Hashing;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>A guest on the engine: one instance of an agent's module.</summary>
internal sealed class WasmGuest : IGuest
{
    private const int HashChunkBytes = 1 << 20;

    private readonly GuestEngine engine;
    private readonly AgentModule module;
    private readonly AgentLimits limits;
    private readonly WasmInstance instance;
    private readonly WasmFunction handle;
    private readonly ulong deadlineTicks;
    private WasmSnapshot? latest;
    private Turn? turn;

    public WasmGuest(GuestEngine engine, AgentModule module, AgentLimits limits)
    {
        this.engine = engine;
        this.module = module;
        this.limits = limits;
        deadlineTicks = engine.TicksOf(limits.Deadline);
        instance = WasmInstance.Create(module.Module, module.Imports, new WasmLimits { MemoryBytes = limits.MemoryBytes, TableElements = limits.TableElements });
        instance.HostState = this;
        handle = instance.GetFunction(AgentModule.Handle)!;
    }

    /// <summary>The turn that runs; host functions are called in turns only.</summary>
    public Turn CurrentTurn => turn ?? throw new InvalidOperationException("The guest called the mesh outside of a turn.");

    public GuestUsage Usage => new(MemoryBytes, engine.Options.ConsumeFuel ? (long)Math.Min(instance.Usage.FuelUsed, long.MaxValue) : 0);

    private long MemoryBytes
    {
        get
        {
            ulong sum = 0;
            for (var i = 0; i < module.Module.Description.Memories.Count; i++) sum += instance.GetMemory(i).Length;
            return (long)sum;
        }
    }

    public GuestFault? Initialize(Turn first) => Run(first, static guest =>
    {
        guest.instance.RunStart();
        return guest.module.HasInit ? Status(AgentModule.Init, guest.instance.GetFunction(AgentModule.Init)!.Invoke()[0].AsI32()) : null;
    });

    public GuestFault? Handle(Turn next) => Run(next, static guest =>
    {
        var size = guest.CurrentTurn.Input.Data.Length;
        return Status(AgentModule.Handle, guest.module.Is64 ? guest.handle.InvokeI64ToI32(size) : guest.handle.InvokeI32(size));
    });

    public ReadOnlyMemory<byte>? Capture()
    {
        if (!module.CanCapture) return null;
        latest = instance.Capture(latest);
        return latest.ToBytes();
    }

    public void Restore(ReadOnlyMemory<byte> image)
    {
        try
        {
            latest = WasmSnapshot.FromBytes(image.Span);
            instance.Restore(latest);
        }
        catch (Exception e) when (e is SnapshotCorruptException or ArgumentException or NotSupportedException)
        {
            throw new ImageCorruptException($"The image does not fit the module {module.Module.File}: {e.Message}", e);
        }
    }

    public StateHash Hash() => module.CanCapture ? new StateHash(instance.ComputeHash().Value) : HashMemories();

    public void Dispose() => instance.Dispose();

    private GuestFault? Run(Turn next, Func<WasmGuest, GuestFault?> body)
    {
        turn = next;
        try
        {
            instance.ZeroScratchMemories();
            instance.SetDeadline(next.IsReplay ? WasmInstance.NoDeadline : deadlineTicks);
            if (engine.Options.ConsumeFuel) instance.Fuel = limits.FuelPerTurn > 0 && !next.IsReplay ? (ulong)limits.FuelPerTurn : ulong.MaxValue;
            return body(this) ?? (next.IsReplay ? null : CheckMemory());
        }
        catch (WasmTrapException e)
        {
            return GuestFaults.Of(e);
        }
        finally
        {
            turn = null;
        }
    }

    /// <summary>The engine bounds each memory; together they are bounded here.</summary>
    private GuestFault? CheckMemory() => module.Module.Description.Memories.Count > 1 && MemoryBytes > limits.MemoryBytes
        ? new GuestFault(FaultKind.Limit, "memory", $"The memories have {MemoryBytes} bytes together, at most {limits.MemoryBytes} are allowed (limits.memory).")
        : null;

    private static GuestFault? Status(string function, int status) =>
        status == 0 ? null : new GuestFault(FaultKind.Status, "status", $"{function} answered {status}.");

    /// <summary>What of a guest that cannot be captured can be seen from outside: its memories.</summary>
    private StateHash HashMemories()
    {
        var hash = new XxHash128();
        foreach (var index in module.SavedMemories)
        {
            var memory = instance.GetMemory(index);
            hash.Append(BitConverter.GetBytes(memory.Length));
            for (ulong at = 0; at < memory.Length; at += HashChunkBytes) hash.Append(memory.GetSpan(at, (int)Math.Min(HashChunkBytes, memory.Length - at)));
        }
        return new StateHash(hash.GetCurrentHashAsUInt128());
    }
}
