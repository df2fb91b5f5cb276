using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>The world of a guest that imports WASI, between its turns and in them.</summary>
internal sealed class GuestWorld : IDisposable
{
    private readonly WasiSettings settings;
    private readonly WasiDefinition definition;
    private readonly TurnHost host;
    private WasiWorld world;

    /// <exception cref="GuestRefusedException">A folder of the definition cannot be had.</exception>
    public GuestWorld(GuestEngine engine, AgentDefinition agent, IProgramStack? stack = null)
    {
        definition = agent.Wasi;
        settings = new WasiSettings
        {
            Folders = [.. definition.Preopens.Select(preopen => new WasiMount(preopen.Path, engine.FolderOf(agent, preopen)))],
            Limits = LimitsOf(definition.Limits),
        };
        host = new TurnHost(definition, stack);
        world = new WasiWorld(settings);
    }

    public WasiWorld World => world;

    public void Begin(Turn turn)
    {
        host.Begin(turn);
        world.BeginTurn(host);
    }

    public void End() => world.EndTurn();

    /// <summary>Gives out lines that did not end yet; a turn that failed leaves them.</summary>
    public void Flush() => host.Flush();

    /// <summary>The program finds no input in this turn.</summary>
    public void DropInput() => host.DropInput();

    /// <summary>A new program begins in the files that are there.</summary>
    /// <param name="turn">The turn in which it begins.</param>
    /// <param name="withEvent">Whether the attributes of the event are in its environment.</param>
    public void BeginProgram(Turn turn, bool withEvent)
    {
        world.SetArguments([turn.Agent.Name, .. definition.Arguments]);
        world.SetEnvironment([.. definition.Environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)), .. EventVariables.Of(turn, withEvent)]);
        world.BeginProgram();
    }

    public byte[] ToBytes() => world.ToBytes();

    /// <exception cref="ImageCorruptException">The image is damaged, or was made with other folders.</exception>
    public void Restore(ReadOnlyMemory<byte> image)
    {
        try
        {
            world = WasiWorld.FromBytes(image, settings);
        }
        catch (Exception e) when (e is SnapshotCorruptException or ArgumentException)
        {
            throw new ImageCorruptException($"The image of the guest's world cannot be used: {e.Message}", e);
        }
    }

    public StateHash Hash() => new(world.ComputeHash().Value);

    public void Dispose() => world.Dispose();

    private static WasiLimits LimitsOf(WasiProgramLimits limits) => new()
    {
        FileBytes = limits.FileBytes, Nodes = limits.Nodes, OpenDescriptors = limits.OpenDescriptors, PathBytes = limits.PathBytes,
        PathDepth = limits.PathDepth, LineBytes = limits.LineBytes, WrittenBytesPerTurn = limits.WrittenBytesPerTurn,
    };
}
