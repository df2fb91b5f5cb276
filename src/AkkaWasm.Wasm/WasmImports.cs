namespace AkkaWasm.Wasm;

/// <summary>
/// What a module's imports are linked to: exports of instances of the same store, and host functions for what no instance serves. May be changed at
/// any time; an instance keeps what it was linked to.
/// </summary>
public sealed class WasmImports
{
    private readonly Dictionary<string, WasmInstance> _modules = [];
    private readonly Dictionary<(string Module, string Name), (WasmInstance Exporter, string Export)> _items = [];

    /// <summary>Imports that nothing serves but host functions.</summary>
    /// <param name="functions">The host functions; none if null.</param>
    public WasmImports(HostFunctions? functions = null) => Functions = functions ?? HostFunctions.None;

    /// <summary>The host functions for what no instance serves.</summary>
    public HostFunctions Functions { get; }

    /// <summary>Whether no instance serves anything.</summary>
    internal bool HasFunctionsOnly => _modules.Count == 0 && _items.Count == 0;

    /// <summary>Offers all exports of an instance under a module name. Instances that were offered under that name before no longer are.</summary>
    /// <param name="module">The module name of the imports that they serve.</param>
    /// <param name="exporter">The instance.</param>
    /// <returns>These imports.</returns>
    public WasmImports Add(string module, WasmInstance exporter)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(exporter);
        foreach (var item in _items.Keys.Where(k => k.Module == module).ToList()) _items.Remove(item);
        _modules[module] = exporter;
        return this;
    }

    /// <summary>Offers one export of an instance under two names; it goes before what was offered under them until now.</summary>
    /// <param name="module">The module name of the imports that it serves.</param>
    /// <param name="name">Their item name.</param>
    /// <param name="exporter">The instance.</param>
    /// <param name="export">The name of its export.</param>
    /// <returns>These imports.</returns>
    /// <exception cref="ArgumentException">The instance has no such export.</exception>
    public WasmImports Add(string module, string name, WasmInstance exporter, string export)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(exporter);
        ArgumentNullException.ThrowIfNull(export);
        if (!exporter.Module.State.Exports.ContainsKey(export))
            throw new ArgumentException($"{exporter.Module.File} exports nothing named \"{export}\".", nameof(export));
        _items[(module, name)] = (exporter, export);
        return this;
    }

    /// <summary>The instance and the name of its export that serve an import; no instance if none does.</summary>
    internal (WasmInstance? Exporter, string Export) Find(ImportDescription import)
    {
        if (_items.TryGetValue((import.Module, import.Name), out var item)) return item;
        return _modules.TryGetValue(import.Module, out var exporter) && exporter.Module.State.Exports.ContainsKey(import.Name)
            ? (exporter, import.Name)
            : (null, import.Name);
    }

    /// <summary>What is offered under a module name, in order, for messages.</summary>
    internal IReadOnlyList<string> NamesIn(string module)
    {
        var names = new SortedSet<string>(Functions.NamesIn(module), StringComparer.Ordinal);
        names.UnionWith(_items.Keys.Where(k => k.Module == module).Select(k => k.Name));
        if (_modules.TryGetValue(module, out var exporter)) names.UnionWith(exporter.Module.State.Exports.Keys);
        return [.. names];
    }

    /// <summary>An item of one store means nothing in another, and the library does not say so in every case.</summary>
    internal void RequireStore(WasmStore store)
    {
        foreach (var exporter in _modules.Values.Concat(_items.Values.Select(i => i.Exporter)))
        {
            if (exporter.Store != store)
                throw new ArgumentException($"The imports offer {exporter.Module.File}, an instance of another store; only instances of the same store can be linked.");
        }
    }
}
