using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>One instance of an agent's module, run within the agent's limits.</summary>
internal sealed class GuestInstance : IDisposable
{
    /// <summary>The code of the fault of a program that ended itself.</summary>
    public const string ExitCode = "exit-code";

    /// <summary>Share of a limit from which on a trap's message names it.</summary>
    private const double NearLimit = 0.9;

    private readonly GuestEngine engine;
    private readonly AgentModule module;
    private readonly AgentLimits limits;
    private readonly GuestContext context;
    private readonly ulong deadlineTicks;
    private WasmSnapshot? latest;

    public GuestInstance(GuestEngine engine, AgentModule module, AgentLimits limits, GuestContext context)
    {
        this.engine = engine;
        this.module = module;
        this.limits = limits;
        this.context = context;
        deadlineTicks = engine.TicksOf(limits.Deadline);
        Wasm = Instantiate(module, limits);
        Wasm.HostState = context;
    }

    public WasmInstance Wasm { get; }

    public long Fuel => engine.Options.ConsumeFuel ? (long)Math.Min(Wasm.Usage.FuelUsed, long.MaxValue) : 0;

    public GuestUsage Usage => new(MemoryBytes, Fuel)
    {
        GcHeapBytes = module.CanCompact ? (long)Wasm.Usage.GcHeapBytes : 0,
    };

    /// <summary>What of a limit a GC heap can take: it begins with one page and doubles.</summary>
    public static long MaxGcHeapBytes(AgentLimits limits) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)limits.GcHeapBytes + 1) / 2;

    private long MemoryBytes
    {
        get
        {
            ulong sum = 0;
            for (var i = 0; i < module.Module.Description.Memories.Count; i++) sum += Wasm.GetMemory(i).Length;
            return (long)sum;
        }
    }

    /// <summary>Runs a turn.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="state">Handed to <paramref name="body"/>.</param>
    /// <param name="body">Calls the guest.</param>
    /// <returns>What went wrong, or null.</returns>
    public GuestFault? Run<T>(Turn turn, T state, Func<T, GuestFault?> body)
    {
        context.Begin(turn);
        try
        {
            Wasm.ZeroScratchMemories();
            Wasm.SetDeadline(turn.IsReplay ? WasmInstance.NoDeadline : deadlineTicks);
            if (engine.Options.ConsumeFuel) Wasm.Fuel = limits.FuelPerTurn > 0 && !turn.IsReplay ? (ulong)limits.FuelPerTurn : ulong.MaxValue;
            var fault = Call(state, body) is { } failed ? NameLimit(failed) : turn.IsReplay ? null : CheckMemory();
            if (fault is null) context.World?.Flush();
            return fault;
        }
        finally
        {
            context.End();
        }
    }

    /// <summary>Calls a function outside of any turn, within the deadline of one.</summary>
    /// <exception cref="WasmTrapException">It failed.</exception>
    /// <exception cref="InvalidOperationException">It called the mesh.</exception>
    public WasmValue[] CallAlone(WasmFunction function)
    {
        Wasm.SetDeadline(deadlineTicks);
        if (engine.Options.ConsumeFuel) Wasm.Fuel = limits.FuelPerTurn > 0 ? (ulong)limits.FuelPerTurn : ulong.MaxValue;
        return function.Invoke();
    }

    public WasmSnapshot Capture() => latest = Wasm.Capture(latest);

    /// <exception cref="HostExhaustedException">The host has no room for the state now; the instance must be thrown away.</exception>
    /// <exception cref="ImageCorruptException">The image is not one of this module, or damaged; the instance must be thrown away.</exception>
    public void Restore(ReadOnlyMemory<byte> image) => Restore(() => WasmSnapshot.FromBytes(image.Span));

    /// <summary>Restores from a manifest; its pages are parts of the state.</summary>
    /// <exception cref="HostExhaustedException">The host has no room for the state now; the instance must be thrown away.</exception>
    /// <exception cref="ImageCorruptException">The image is not one of this module, damaged, or lacks a page; the instance must be thrown away.</exception>
    public void Restore(ReadOnlyMemory<byte> manifest, StoredGuestState parts) => Restore(() => WasmSnapshot.FromManifest(manifest.Span, page => parts.Part(page.Value)));

    /// <exception cref="HostExhaustedException">The host has no room for the state now; the instance must be thrown away.</exception>
    /// <exception cref="ImageCorruptException">The image is not one of this module, or damaged; the instance must be thrown away.</exception>
    public void Restore(Func<WasmSnapshot> read)
    {
        try
        {
            latest = read();
            Wasm.Restore(latest);
        }
        catch (WasmEngineException e) when (e.IsTransient)
        {
            throw new HostExhaustedException($"There is no room for the state of an instance of {module.Module.File}: {e.Message}", e);
        }
        catch (Exception e) when (e is SnapshotCorruptException or ArgumentException)
        {
            throw new ImageCorruptException($"The image does not fit the module {module.Module.File}: {e.Message}", e);
        }
    }

    /// <summary>Takes the state of an instance of another module over.</summary>
    /// <param name="state">The state.</param>
    /// <param name="before">An instance of the other module in which nothing was run.</param>
    /// <exception cref="HostExhaustedException">The host has no room for the state now; the instance must be thrown away.</exception>
    /// <exception cref="ImageCorruptException">The state does not fit the module; the instance must be thrown away.</exception>
    public void TakeOver(WasmSnapshot state, GuestInstance before)
    {
        try
        {
            StateTransfer.TakeOver(Wasm, state, before.Wasm);
        }
        catch (WasmEngineException e) when (e.IsTransient)
        {
            throw new HostExhaustedException($"There is no room for the state of an instance of {module.Module.File}: {e.Message}", e);
        }
        catch (Exception e) when (e is WasmEngineException or ArgumentException)
        {
            throw new ImageCorruptException($"The state of {before.module.Module.File} does not fit the module {module.Module.File}: {e.Message}", e);
        }
    }

    public StateHash Hash() => new(Wasm.ComputeHash().Value);

    public void Dispose() => Wasm.Dispose();

    private static WasmInstance Instantiate(AgentModule module, AgentLimits limits)
    {
        try
        {
            return WasmInstance.Create(module.Module, module.Imports, new WasmLimits
            {
                MemoryBytes = limits.MemoryBytes, GcHeapBytes = limits.GcHeapBytes, TableElements = limits.TableElements,
            });
        }
        catch (WasmEngineException e) when (e.IsTransient)
        {
            throw new HostExhaustedException($"There is no room for an instance of {module.Module.File}: {e.Message}", e);
        }
    }

    private static GuestFault? Call<T>(T state, Func<T, GuestFault?> body)
    {
        try
        {
            return body(state);
        }
        catch (WasmTrapException e)
        {
            return WasiExitException.Is(e, out var code)
                ? new GuestFault(FaultKind.Status, ExitCode, $"The guest ended itself with exit code {code}.")
                : GuestFaults.Of(e);
        }
    }

    /// <summary>
    /// A growth past a limit answers -1, and most guests trap then without saying why. Where a trap finds memories or tables at their limits, its message
    /// names them.
    /// </summary>
    private GuestFault NameLimit(GuestFault fault)
    {
        if (fault.Kind != FaultKind.Trap || fault.Code == GuestFaults.StackOverflow) return fault;
        var (bytes, elements) = (MemoryBytes, (long)Wasm.Usage.TableElements);
        if (IsNear(bytes, limits.MemoryBytes)) fault = fault with { Message = $"{fault.Message} The memories have {bytes} bytes, at most {limits.MemoryBytes} are allowed (limits.memory)." };
        if (IsNear(elements, limits.TableElements))
            fault = fault with { Message = $"{fault.Message} The tables have {elements} elements, at most {limits.TableElements} are allowed in each (limits.table-elements)." };
        return fault;

        static bool IsNear(long used, long limit) => used > 0 && used >= limit * NearLimit;
    }

    /// <summary>The engine bounds each memory; together they are bounded here.</summary>
    private GuestFault? CheckMemory() => module.Module.Description.Memories.Count > 1 && MemoryBytes > limits.MemoryBytes
        ? new GuestFault(FaultKind.Limit, "memory", $"The memories have {MemoryBytes} bytes together, at most {limits.MemoryBytes} are allowed (limits.memory).")
        : null;
}
