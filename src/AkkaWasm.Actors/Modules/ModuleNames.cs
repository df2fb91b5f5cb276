using Semver;

namespace AkkaWasm.Actors.Modules;

/// <summary>All versions of all names as entries of the file say, in memory. One that was read is not changed but for <see cref="Add"/>.</summary>
internal sealed class ModuleNames
{
    private readonly Dictionary<string, SortedList<SemVersion, NameEntry>> byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> collected = new(StringComparer.Ordinal);

    public ModuleNames(IEnumerable<NameEntry> entries)
    {
        foreach (var entry in entries) Add(entry);
    }

    /// <summary>How many versions there are.</summary>
    public int Count { get; private set; }

    /// <summary>All versions, by name, the oldest version first.</summary>
    public IEnumerable<NameEntry> All => byName.OrderBy(n => n.Key, StringComparer.Ordinal).SelectMany(n => n.Value.Values);

    /// <summary>Whether content that versions name was collected.</summary>
    public bool IsCollected(string hash) => collected.Contains(hash);

    /// <summary>The content of a version, or null if there is no such version.</summary>
    public NameEntry? Find(string name, string version) =>
        byName.TryGetValue(name, out var versions) && ModuleReference.FindVersion(version) is { } wanted ? versions.GetValueOrDefault(wanted) : null;

    /// <summary>The newest version that a reference allows and whose content is there. A version that leads to a release counts if it is asked for or if nothing else is there.</summary>
    public NameEntry? Resolve(ModuleReference reference)
    {
        if (reference.Name is null || !byName.TryGetValue(reference.Name, out var versions)) return null;
        var fitting = versions.Where(v => reference.Allows(v.Key) && (reference.IsExact || !IsCollected(v.Value.Hash))).Reverse().ToArray();
        var chosen = reference.TakesAny ? fitting.FirstOrDefault(v => !v.Key.IsPrerelease) : default;
        return chosen.Value ?? fitting.FirstOrDefault().Value;
    }

    /// <summary>Takes what the file says next.</summary>
    public void Add(NameEntry entry)
    {
        if (entry.Name is not { } name)
        {
            collected.Add(entry.Hash);
            return;
        }
        collected.Remove(entry.Hash);
        if (!byName.TryGetValue(name.Name, out var versions)) byName[name.Name] = versions = new SortedList<SemVersion, NameEntry>(SemVersion.SortOrderComparer);
        if (versions.TryAdd(SemVersion.Parse(name.Version, SemVersionStyles.Strict), entry)) Count++;
    }
}
