using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Service.Wast.Values;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>What a script has built up: modules, instances and their names. With round trips its store is another after every action.</summary>
internal sealed class ScriptWorld(ScriptEngine engine, bool roundTrip) : IDisposable
{
    private readonly ScriptStore store = new(engine);
    private readonly List<WasmModule> modules = [];
    private readonly Dictionary<string, WasmModule> definitions = [];
    private readonly Dictionary<string, int> instances = [];
    private readonly Dictionary<string, int> registered = [];
    private WasmModule? lastDefinition;
    private int? current;

    /// <summary>Loads a module.</summary>
    /// <exception cref="ModuleRefusedException">It is malformed or invalid.</exception>
    public WasmModule Load(ScriptModule module)
    {
        var isBinary = module.Source.AsSpan().StartsWith("\0asm"u8);
        if (isBinary != (module.Form == ModuleForm.Binary))
        {
            throw new ModuleRefusedException(module.Place.ToString(), isBinary
                ? "the quoted text is a binary; write (module binary …)"
                : "the binary does not begin with the magic number of WebAssembly; correct its first four bytes");
        }
        return engine.Load(module.Source, module.Form == ModuleForm.Text ? module.Place.File : module.Place.ToString());
    }

    /// <summary>Keeps a module to make instances of.</summary>
    /// <exception cref="ModuleRefusedException">It is malformed or invalid.</exception>
    public void Define(ScriptModule source) => Define(Keep(Load(source)), source.Name);

    /// <summary>The module of an instance to be made.</summary>
    /// <exception cref="ModuleRefusedException">It is malformed or invalid.</exception>
    /// <exception cref="InvalidOperationException">There is no such definition.</exception>
    public WasmModule ModuleOf(Instantiation instance)
    {
        if (instance.Module is { } source) return Keep(Load(source));
        var module = instance.Definition is { } name ? definitions.GetValueOrDefault(name) : lastDefinition;
        return module ?? throw new InvalidOperationException($"there is no module {instance.Definition ?? "before this"}");
    }

    /// <summary>Makes an instance the current one. If that fails there is none.</summary>
    /// <exception cref="ModuleRefusedException">The module is malformed or invalid, or its imports are not served.</exception>
    /// <exception cref="WasmTrapException">It traps while it starts.</exception>
    /// <exception cref="InvalidOperationException">There is no such definition.</exception>
    public void MakeCurrent(Instantiation instance)
    {
        current = null;
        var module = ModuleOf(instance);
        if (instance.Module is not null) Define(module, instance.Name);
        current = Instantiate(module);
        if (instance.Name is { } name) instances[name] = current.Value;
    }

    /// <summary>Makes an instance and starts it.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ModuleRefusedException">Its imports are not served.</exception>
    /// <exception cref="WasmTrapException">It traps while it starts. What it did before that stays.</exception>
    public int Instantiate(WasmModule module)
    {
        if (module.Description.Imports.Any(import => import.Module == Spectest.Name) && !registered.ContainsKey(Spectest.Name))
            registered[Spectest.Name] = store.InstantiateSpectest();
        var number = store.Instantiate(module, registered);
        try
        {
            store.StartDeadline();
            store[number].RunStart();
            return number;
        }
        finally
        {
            RoundTrip();
        }
    }

    /// <summary>Offers an instance's exports under a module name.</summary>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    public void Register(string moduleName, string? instance) => registered[moduleName] = NumberOf(instance);

    /// <summary>Does an action. With round trips the state has been saved and restored when it comes back, trapped or not.</summary>
    /// <exception cref="WasmTrapException">The guest failed.</exception>
    /// <exception cref="InvalidOperationException">There is no such instance, or it has no such export.</exception>
    /// <exception cref="ArgumentException">The arguments do not fit.</exception>
    public ActionResult[] Perform(ScriptAction action)
    {
        var instance = store[NumberOf(action.Instance)];
        store.StartDeadline();
        try
        {
            return action is InvokeAction invoke ? Invoke(instance, invoke) : Get(instance, action.Export);
        }
        finally
        {
            RoundTrip();
        }
    }

    public void Dispose()
    {
        store.Dispose();
        foreach (var module in modules) module.Dispose();
    }

    private static ActionResult[] Invoke(WasmInstance instance, InvokeAction action)
    {
        var function = instance.GetFunction(action.Export) ?? throw Missing("function", action.Export);
        var types = function.Type.Results;
        return [.. function.Invoke(action.Arguments).Select((value, i) => ActionResult.Of(value, types[i], instance.Module.Description))];
    }

    private static ActionResult[] Get(WasmInstance instance, string export)
    {
        var global = instance.GetGlobal(export) ?? throw Missing("global", export);
        return [ActionResult.Of(global.Value, global.Type, instance.Module.Description)];
    }

    private static InvalidOperationException Missing(string kind, string export) => new($"the instance exports no {kind} \"{export}\"");

    private WasmModule Keep(WasmModule module)
    {
        modules.Add(module);
        return module;
    }

    private void Define(WasmModule module, string? name)
    {
        lastDefinition = module;
        if (name is not null) definitions[name] = module;
    }

    private int NumberOf(string? instance) => instance is null
        ? current ?? throw new InvalidOperationException("there is no current instance; the last module could not be made one")
        : instances.TryGetValue(instance, out var number) ? number
        : throw new InvalidOperationException($"there is no instance {instance}");

    private void RoundTrip()
    {
        if (roundTrip) store.RoundTrip();
    }
}
