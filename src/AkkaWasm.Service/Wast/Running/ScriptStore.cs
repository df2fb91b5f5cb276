using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>
/// All instances of a script, in one store. They are known by their numbers, which a round trip keeps: after it the same modules stand in a new store,
/// linked as before, in the state that was saved.
/// </summary>
internal sealed class ScriptStore(ScriptEngine engine) : IDisposable
{
    private static readonly HostFunctions NoFunctions = new();

    private readonly List<Member> members = [];
    private WasmStore? store = engine.NewStore();

    /// <summary>The instance of that number.</summary>
    public WasmInstance this[int number] => Store.Instances[number];

    private WasmStore Store => store ?? throw new InvalidOperationException("the store was lost when its state could not be restored");

    /// <summary>Makes an instance, without its start function.</summary>
    /// <param name="module">The module.</param>
    /// <param name="links">By module name the numbers of the instances that serve its imports.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="ModuleRefusedException">Its imports are not served.</exception>
    /// <exception cref="WasmTrapException">A segment does not fit.</exception>
    public int Instantiate(WasmModule module, IReadOnlyDictionary<string, int> links)
    {
        var wanted = module.Description.Imports.Select(import => import.Module).Distinct();
        var member = new Member(module, NoFunctions, [.. wanted.Where(links.ContainsKey).Select(name => (name, links[name]))]);
        return Add(member);
    }

    /// <summary>Makes an instance of the module <c>spectest</c>.</summary>
    /// <returns>Its number.</returns>
    public int InstantiateSpectest() => Add(new Member(engine.Spectest, engine.SpectestFunctions, []));

    /// <summary>Gives what runs next its whole time.</summary>
    public void StartDeadline() => ScriptEngine.StartDeadline(Store);

    /// <summary>
    /// Saves the state as bytes, gives the store back, and brings a new store into the saved state. What is saved of that one has to be the same bytes.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public void RoundTrip()
    {
        var bytes = Store.Capture().ToBytes();
        store!.Dispose();
        store = null;
        var fresh = engine.NewStore();
        try
        {
            Restore(fresh, WasmSnapshot.FromBytes(bytes));
            if (!fresh.Capture().ToBytes().AsSpan().SequenceEqual(bytes)) throw new InvalidOperationException("the state after the round trip is another than before");
            store = fresh;
        }
        finally
        {
            if (store is null) fresh.Dispose();
        }
    }

    public void Dispose() => store?.Dispose();

    private void Restore(WasmStore fresh, WasmSnapshot snapshot)
    {
        fresh.PrepareRestore(snapshot);
        foreach (var member in members) Instantiate(fresh, member);
        fresh.Restore(snapshot);
    }

    private int Add(Member member)
    {
        Instantiate(Store, member);
        members.Add(member);
        return members.Count - 1;
    }

    private static void Instantiate(WasmStore store, Member member)
    {
        var imports = new WasmImports(member.Functions);
        foreach (var (name, number) in member.Links) imports.Add(name, store.Instances[number]);
        store.Instantiate(member.Module, imports);
    }

    /// <summary>What an instance is made of.</summary>
    private sealed record Member(WasmModule Module, HostFunctions Functions, (string Name, int Number)[] Links);
}
