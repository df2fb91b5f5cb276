using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Service.Wast.Values;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>What a script has built up: modules, instances and their names. With round trips its store is another after every action.</summary>
internal sealed class ScriptWorld(ScriptEngine engine, ScriptMode mode) : IDisposable
{
    private readonly ScriptStore store = new(engine);
    private readonly ComposedScript? composed = mode == ScriptMode.Composed ? new ComposedScript(engine) : null;
    private readonly Dictionary<WasmModule, byte[]> sources = [];
    private readonly List<WasmModule> modules = [];
    private readonly Dictionary<string, WasmModule> definitions = [];
    private readonly Dictionary<string, int> instances = [];
    private readonly Dictionary<string, int> registered = [];
    private static readonly Dictionary<string, int> Nothing = [];
    private WasmModule? lastDefinition;
    private int? current;

    /// <summary>How many actions came to the same on composed modules.</summary>
    public int Compared => composed?.Compared ?? 0;

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
        var loaded = engine.Load(module.Source, module.Form == ModuleForm.Text ? module.Place.File : module.Place.ToString());
        if (composed is not null) sources[loaded] = module.Source;
        return loaded;
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
        {
            registered[Spectest.Name] = store.InstantiateSpectest();
            composed?.Add(Spectest.Bytes, engine.Spectest.Description, Nothing);
        }
        var links = module.Description.Imports.Select(import => import.Module).Distinct().Where(registered.ContainsKey).ToDictionary(name => name, name => registered[name]);
        int number;
        try
        {
            number = store.Instantiate(module, links);
        }
        catch (ModuleRefusedException)
        {
            composed?.MustBeRefused(sources[module], links);
            throw;
        }
        composed?.Add(sources[module], module.Description, links);
        try
        {
            store.StartDeadline();
            store[number].RunStart();
            return number;
        }
        catch
        {
            composed?.Lose(new Dictionary<string, int> { [""] = number });
            throw;
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
        var number = NumberOf(action.Instance);
        var instance = store[number];
        store.StartDeadline();
        try
        {
            var values = action is InvokeAction invoke ? Invoke(instance, invoke) : Get(instance, action.Export);
            composed?.Compare(number, action, ComposedScript.Show(values));
            return Described(instance, action, values);
        }
        catch (WasmTrapException trap)
        {
            composed?.Compare(number, action, $"{trap.Code}");
            throw;
        }
        finally
        {
            RoundTrip();
        }
    }

    public void Dispose()
    {
        composed?.Dispose();
        store.Dispose();
        foreach (var module in modules) module.Dispose();
    }

    private static WasmValue[] Invoke(WasmInstance instance, InvokeAction action) =>
        (instance.GetFunction(action.Export) ?? throw Missing("function", action.Export)).Invoke(action.Arguments);

    private static WasmValue[] Get(WasmInstance instance, string export) => [(instance.GetGlobal(export) ?? throw Missing("global", export)).Value];

    private static ActionResult[] Described(WasmInstance instance, ScriptAction action, WasmValue[] values)
    {
        var types = action is InvokeAction ? instance.GetFunction(action.Export)!.Type.Results : [instance.GetGlobal(action.Export)!.Type];
        return [.. values.Select((value, i) => ActionResult.Of(value, types[i], instance.Module.Description))];
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
        if (mode == ScriptMode.RoundTrip) store.RoundTrip();
    }
}
