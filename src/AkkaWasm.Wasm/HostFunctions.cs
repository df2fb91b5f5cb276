using System.Collections.Frozen;

namespace AkkaWasm.Wasm;

/// <summary>A host function's code. What it throws becomes a trap of the guest, never more.</summary>
/// <param name="call">The arguments, and where the results go. Results that are not set are zero.</param>
public delegate void HostFunction(ref HostCall call);

/// <summary>
/// The functions a host offers to guests, by module and name. The same name may be defined with several signatures, such as one for 32-bit and one
/// for 64-bit pointers: an import takes the one that is exactly its own. Fixed from the first instance on that is made with it.
/// </summary>
public sealed class HostFunctions
{
    /// <summary>A registry that stays empty. One for all, so that a module is linked to it once.</summary>
    internal static readonly HostFunctions None = MakeNone();

    private readonly Dictionary<(string Module, string Name), List<HostFunctionDefinition>> _definitions = [];
    private readonly Lock _lock = new();
    private FrozenDictionary<(string Module, string Name), HostFunctionDefinition[]>? _frozen;

    /// <summary>Offers a function.</summary>
    /// <param name="module">The module name of the imports it serves.</param>
    /// <param name="name">Their item name.</param>
    /// <param name="type">Its signature: numbers and vectors only.</param>
    /// <param name="function">Its code. It is called by every thread that runs guests.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">The signature has references, or is defined for that name already.</exception>
    /// <exception cref="InvalidOperationException">An instance was made with this registry already.</exception>
    public HostFunctions Define(string module, string name, WasmFunctionType type, HostFunction function)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(function);
        if (type.Parameters.Concat(type.Results).FirstOrDefault(t => t.Kind > WasmValueKind.V128) is { Kind: > WasmValueKind.V128 } refused)
            throw new ArgumentException($"Host function {module}.{name} has a {refused} in its signature; host functions take and give numbers and vectors only.");
        lock (_lock)
        {
            if (_frozen is not null)
                throw new InvalidOperationException($"Host function {module}.{name} comes too late: instances were made with this registry already.");
            if (!_definitions.TryGetValue((module, name), out var overloads))
                _definitions[(module, name)] = overloads = [];
            if (overloads.Any(o => o.Type.Equals(type)))
                throw new ArgumentException($"Host function {module}.{name} {type} is defined already.");
            overloads.Add(new HostFunctionDefinition(module, name, type, function));
        }
        return this;
    }

    /// <summary>Checks that every import of a module is served, without making an instance.</summary>
    /// <param name="description">The module.</param>
    /// <exception cref="ModuleRefusedException">An import is missing or has another signature; the message names it and both signatures.</exception>
    public void Check(ModuleDescription description) => Resolve(description);

    /// <summary>The definition for each import of the module, in import order.</summary>
    internal HostFunctionDefinition[] Resolve(ModuleDescription description)
    {
        Freeze();
        return [.. description.Imports.Select(import => Resolve(description, import))];
    }

    /// <summary>The definition for one imported function, or null if nothing is defined under its names.</summary>
    /// <exception cref="ModuleRefusedException">It is defined with other signatures only.</exception>
    internal HostFunctionDefinition? Find(ModuleDescription description, ImportDescription import)
    {
        if (import.Kind != ExternalKind.Function || !Freeze().TryGetValue((import.Module, import.Name), out var overloads)) return null;
        var wanted = WasmFunctionType.From(description.FunctionType(import.Index));
        return Array.Find(overloads, o => o.Type.Equals(wanted)) ?? throw new ModuleRefusedException(description.File,
            $"the module imports {import.Module}.{import.Name} as {wanted}, but the host offers it as {string.Join(" or ", overloads.Select(o => o.Type))}.");
    }

    /// <summary>The names that are defined under a module name, in order.</summary>
    internal IEnumerable<string> NamesIn(string module) => Freeze().Keys.Where(k => k.Module == module).Select(k => k.Name).Order();

    private HostFunctionDefinition Resolve(ModuleDescription description, ImportDescription import)
    {
        if (import.Kind != ExternalKind.Function)
        {
            throw new ModuleRefusedException(description.File,
                $"the module imports the {import.Kind.ToString().ToLowerInvariant()} {import.Module}.{import.Name}; only functions can be imported, so define it in the module itself.");
        }
        if (Find(description, import) is { } definition) return definition;
        var wanted = WasmFunctionType.From(description.FunctionType(import.Index));
        var known = NamesIn(import.Module).ToArray();
        var hint = known.Length == 0 ? $"nothing is offered under {import.Module}" : $"{import.Module} offers {string.Join(", ", known)}";
        throw new ModuleRefusedException(description.File,
            $"the module imports the unknown function {import.Module}.{import.Name} {wanted}; {hint}.");
    }

    private static HostFunctions MakeNone()
    {
        var none = new HostFunctions();
        none.Freeze();
        return none;
    }

    private FrozenDictionary<(string Module, string Name), HostFunctionDefinition[]> Freeze()
    {
        lock (_lock) return _frozen ??= _definitions.ToFrozenDictionary(p => p.Key, p => p.Value.ToArray());
    }
}

/// <summary>One host function under one signature.</summary>
internal sealed class HostFunctionDefinition(string module, string name, WasmFunctionType type, HostFunction function)
{
    public string Module { get; } = module;

    public string Name { get; } = name;

    public WasmFunctionType Type { get; } = type;

    public HostFunction Function { get; } = function;

    /// <summary>The kinds of the parameters, for the checks on every access.</summary>
    public WasmValueKind[] Parameters { get; } = [.. type.Parameters.Select(t => t.Kind)];

    public int ResultCount { get; } = type.Results.Count;

    public WasmValueKind[] Results { get; } = [.. type.Results.Select(t => t.Kind)];
}
