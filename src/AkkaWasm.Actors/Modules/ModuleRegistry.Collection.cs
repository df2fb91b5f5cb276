using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Modules;

/// <content>
/// Deletes what nothing needs. Content is deleted file by file, and of named content it is written down first that it goes: whatever moment the process ends at, each
/// content is there whole or gone, and nothing that a topology of the log uses is touched.
/// </content>
internal sealed partial class ModuleRegistry
{
    /// <inheritdoc/>
    public async Task<ModuleCollection> CollectAsync(CollectOptions collect, CancellationToken cancellation = default)
    {
        await sweeping.WaitAsync(cancellation).ConfigureAwait(false);
        store.Leases.Begin();
        try
        {
            var topology = await TopologyAsync(null, cancellation).ConfigureAwait(false);
            return await Task.Run(() => Collect(collect, topology is null ? [] : LogModules.HashesOf(topology).Select(use => use.Key), cancellation), cancellation).ConfigureAwait(false);
        }
        catch (LogCorruptException e)
        {
            throw new MeshNodeException(NodeFailure.LogCorrupt, $"Nothing was collected, because the log does not say what it needs: {e.Message}", e);
        }
        finally
        {
            store.Leases.End();
            sweeping.Release();
        }
    }

    private ModuleCollection Collect(CollectOptions collect, IEnumerable<string> inForce, CancellationToken cancellation)
    {
        var used = LogModules.Read(log(), cancellation).Hashes.Concat(inForce).ToHashSet(StringComparer.Ordinal);
        var oldest = store.Time.GetUtcNow() - (collect.OlderThan > options.GcGrace ? collect.OlderThan.Value : options.GcGrace);
        var (removed, counts) = (new List<ModuleInfo>(), new Dictionary<string, int>());
        foreach (var content in store.All())
        {
            cancellation.ThrowIfCancellationRequested();
            NameEntry[] named;
            bool isGoing; // it was written down that it goes, and then the process ended
            lock (naming) (named, isGoing) = ([.. Names().All.Where(entry => entry.Hash == content.Hash)], Names().IsCollected(content.Hash));
            var reason = used.Contains(content.Hash) ? nameof(ModuleCollection.Used)
                : named.Length > 0 && !collect.Named && !isGoing ? nameof(ModuleCollection.Named)
                : content.KeptAt > oldest ? nameof(ModuleCollection.Young)
                : store.Leases.IsBusy(content.Hash) || (!collect.DryRun && !TryRemove(content)) ? nameof(ModuleCollection.Busy)
                : null;
            if (reason is not null) counts[reason] = counts.GetValueOrDefault(reason) + 1;
            else
            {
                removed.Add(new ModuleInfo(content.Hash, content.Bytes)
                {
                    IsFolder = content.IsFolder, IsKept = collect.DryRun, KeptAt = content.KeptAt, Names = [.. named.Select(entry => entry.Name!)],
                });
            }
        }
        return new ModuleCollection(
            removed, removed.Sum(info => info.Bytes), counts.GetValueOrDefault(nameof(ModuleCollection.Used)), counts.GetValueOrDefault(nameof(ModuleCollection.Named)),
            counts.GetValueOrDefault(nameof(ModuleCollection.Young)), counts.GetValueOrDefault(nameof(ModuleCollection.Busy)), RemoveLeftovers(oldest, collect.DryRun));
    }

    /// <summary>Under the lock for names, so that no version comes to name it meanwhile.</summary>
    private bool TryRemove(StoredContent content)
    {
        lock (naming)
        {
            return store.Leases.TryDelete(content.Hash, () =>
            {
                if (Names().All.Any(entry => entry.Hash == content.Hash) && !Names().IsCollected(content.Hash)) Append([new NameEntry(content.Hash, null)]);
                store.Delete(content);
            });
        }
    }

    private int RemoveLeftovers(DateTimeOffset oldest, bool dryRun)
    {
        var leftovers = store.Leftovers().Where(file => file.LastWriteTimeUtc <= oldest.UtcDateTime).ToArray();
        if (dryRun) return leftovers.Length;
        foreach (var file in leftovers) file.Delete();
        return leftovers.Length;
    }
}
