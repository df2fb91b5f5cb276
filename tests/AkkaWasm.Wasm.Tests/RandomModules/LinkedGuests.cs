using System.Text;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Modules that are linked in one store: each to those before it, by their names.</summary>
/// <param name="Modules">The module name that later ones import from, and the module, as text or binary.</param>
internal sealed record LinkedGuests(IReadOnlyList<(string Name, byte[] Module)> Modules)
{
    /// <summary>Two modules of our own generator.</summary>
    public static LinkedGuests Random(ulong seed)
    {
        var pair = ModulePair.Of(seed);
        return new LinkedGuests([(ModulePair.ExporterName, Encoding.UTF8.GetBytes(pair.Exporter)), ("second", Encoding.UTF8.GetBytes(pair.Importer))]);
    }

    /// <summary>A module that Binaryen makes, and before it modules of stubs for what it imports.</summary>
    public static LinkedGuests Fuzzed(ulong seed, WasmEngine engine)
    {
        var fuzzed = WasmOpt.Generate(seed);
        using var module = engine.Load(fuzzed, $"seed {seed}");
        return new LinkedGuests([.. ImportStubs.For(module.Description), ("fuzzed", fuzzed)]);
    }
}
