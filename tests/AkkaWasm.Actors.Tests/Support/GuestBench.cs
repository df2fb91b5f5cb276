using System.Text;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>One wasm guest on its own engine, driven without a mesh.</summary>
internal sealed class GuestBench : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly GuestEngine engine;
    private readonly WasmGuestFactory factory;
    private readonly AgentDefinition definition;
    private readonly EventIdentity identity = new("test", (_, _) => "agent");
    private IGuest? guest;

    /// <param name="wat">The module's text.</param>
    /// <param name="change">Changes the agent's definition.</param>
    /// <param name="options">Settings of the engine.</param>
    public GuestBench(string wat, Func<AgentDefinition, AgentDefinition>? change = null, GuestEngineOptions? options = null)
        : this(Encoding.UTF8.GetBytes(wat), "agent.wat", change, options)
    {
    }

    /// <param name="bytes">The module.</param>
    /// <param name="file">The name that it has in back-traces.</param>
    /// <param name="change">Changes the agent's definition.</param>
    /// <param name="options">Settings of the engine.</param>
    public GuestBench(byte[] bytes, string file, Func<AgentDefinition, AgentDefinition>? change = null, GuestEngineOptions? options = null)
    {
        var hash = ModuleStore.HashOf(bytes);
        var agent = new AgentDefinition
        {
            Name = "agent", ModuleHash = hash, ModuleFile = "/somewhere/" + file,
            Capabilities = new Capabilities { Publish = [">"], Schedule = true, Spawn = true, Send = [">"], Request = [">"], Watch = [">"] },
        };
        definition = change?.Invoke(agent) ?? agent;
        var store = new ModuleStore(Path.Combine(folder.Path, "modules"));
        store.Keep(new MeshTopology("test", SupervisionPolicy.Default, [], [definition]), new Dictionary<string, ModuleFile> { [hash] = new(bytes, file) });
        engine = new GuestEngine(options ?? new GuestEngineOptions(), null, store);
        factory = new WasmGuestFactory(engine);
    }

    public static GuestBench Of(string guest, Func<AgentDefinition, AgentDefinition>? change = null, GuestEngineOptions? options = null) =>
        new(Encoding.UTF8.GetString(Repository.Guest(guest)), change, options);

    public IGuest Guest => guest ??= factory.Create(definition);

    /// <summary>Throws the guest away and makes another one.</summary>
    public IGuest Renew()
    {
        guest?.Dispose();
        return guest = factory.Create(definition);
    }

    public Turn Turn(string data = "", Func<MeshEvent, MeshEvent>? change = null)
    {
        var e = new MeshEvent { Topic = "in.x", Id = "id-1", Source = "/source", Data = Encoding.UTF8.GetBytes(data) };
        return new Turn(new AgentIdentity(0, "agent", 1, definition, (_, _) => "agent"), change?.Invoke(e) ?? e, identity);
    }

    public GuestFault? Initialize() => Guest.Initialize(Turn());

    /// <summary>Runs one event on an initialized guest.</summary>
    public (GuestFault? Fault, List<TurnOutput> Outputs) Handle(string data, Func<MeshEvent, MeshEvent>? change = null)
    {
        var turn = Turn(data, change);
        return (Guest.Handle(turn), [.. turn.Outputs]);
    }

    public void Dispose()
    {
        guest?.Dispose();
        engine.Dispose();
        folder.Dispose();
    }
}
