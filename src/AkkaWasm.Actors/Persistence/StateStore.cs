using System.Runtime.InteropServices;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Saves states of the shard where the snapshot store's table is known: in parts, so that of the ids of published events only those are written that came
/// since, a little at a time; on a thread of its own, because what is left may have hundreds of megabytes still and the pool has few threads for all who are
/// answered meanwhile; and outside of the managed heap, because an array of that size would have all of it collected. May be called by any thread.
/// </summary>
internal sealed class StateStore(SqlSnapshotTable table, PartStore parts)
{
    private readonly Lock gate = new();
    private SortedDictionary<long, UInt128[]>? saved;

    /// <summary>Writes and saves a state.</summary>
    /// <param name="id">The shard's persistence id.</param>
    /// <param name="row">The row of the journal that it was cut with.</param>
    /// <param name="state">The state.</param>
    /// <returns>Ends when it is synced.</returns>
    public Task SaveAsync(string id, long row, CapturedState state) =>
        Task.Factory.StartNew(() => Save(id, row, state), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Deletes the parts that only states before a row named; those states are gone.</summary>
    public void Forget(long before)
    {
        var dead = new HashSet<UInt128>();
        lock (gate)
        {
            foreach (var row in saved?.Keys.TakeWhile(r => r < before).ToArray() ?? [])
            {
                dead.UnionWith(saved![row]);
                saved.Remove(row);
            }
            foreach (var names in saved?.Values.ToArray() ?? []) dead.ExceptWith(names);
        }
        parts.Delete(dead);
    }

    private void Save(string id, long row, CapturedState state)
    {
        using var hold = parts.Write(state, Known(id));
        if (table.IsNear) SaveUnmanaged(id, row, state);
        else
        {
            var bytes = new byte[state.ManifestLength];
            state.WriteManifestTo(bytes);
            table.Save(id, row, bytes, JournalSchema.StateManifest);
        }
        lock (gate) saved![row] = [.. state.PartNames];
    }

    /// <summary>The parts that this run made sure of; null before it did for the first time.</summary>
    private HashSet<UInt128>? Known(string id)
    {
        lock (gate)
        {
            if (saved is not null) return [.. saved.Values.SelectMany(names => names)];
            saved = new SortedDictionary<long, UInt128[]>(table.StatesInParts(id));
            return null;
        }
    }

    private unsafe void SaveUnmanaged(string id, long row, CapturedState state)
    {
        var memory = NativeMemory.Alloc((nuint)state.ManifestLength);
        try
        {
            var bytes = new Span<byte>(memory, state.ManifestLength);
            state.WriteManifestTo(bytes);
            table.SaveUnmanaged(id, row, bytes, JournalSchema.StateManifest);
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
