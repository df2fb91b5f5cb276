using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;

namespace AkkaWasm.Actors.Offline;

/// <summary>Makes guests as the writer of a block made them: what it says of its engine decides about fuel and NaNs. May be used by any thread.</summary>
/// <param name="modulesFolder">Where the modules are kept.</param>
/// <param name="cacheFolder">Where compiled modules are kept; used only if it is there.</param>
/// <param name="beside">Modules and packed folders that are not kept there, by their hashes; none if null.</param>
internal sealed class ReplayGuests(string modulesFolder, string? cacheFolder = null, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? beside = null) : IDisposable
{
    private readonly Dictionary<(bool Fuel, bool Nan), GuestEngine> engines = [];
    private readonly Lock entry = new();

    private string? Cache => Directory.Exists(cacheFolder) ? cacheFolder : null;

    /// <summary>The factory for the guests of a block.</summary>
    /// <param name="writer">The writer that the block names.</param>
    public IGuestFactory For(string writer)
    {
        var words = writer.Split("; ");
        var key = (words.Contains("fuel 1"), words.Contains("nan 1"));
        lock (entry)
        {
            if (!engines.TryGetValue(key, out var engine))
                engines[key] = engine = new GuestEngine(new GuestEngineOptions { ConsumeFuel = key.Item1, CanonicalizeNan = key.Item2 }, Cache, new ModuleStore(modulesFolder, beside));
            return new WasmGuestFactory(engine);
        }
    }

    public void Dispose()
    {
        foreach (var engine in engines.Values) engine.Dispose();
        engines.Clear();
    }
}
