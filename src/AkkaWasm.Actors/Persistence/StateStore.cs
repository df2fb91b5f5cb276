using System.Runtime.InteropServices;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Saves states of the shard where the snapshot store's table is known: on a thread of its own, because a state may have hundreds of megabytes and the pool
/// has few threads for all who are answered meanwhile; and outside of the managed heap, because an array of that size would have all of it collected.
/// </summary>
internal sealed class StateStore(SqlSnapshotTable table)
{
    /// <summary>Writes and saves a state.</summary>
    /// <param name="id">The shard's persistence id.</param>
    /// <param name="row">The row of the journal that it was cut with.</param>
    /// <param name="state">The state.</param>
    /// <returns>Ends when it is synced.</returns>
    public Task SaveAsync(string id, long row, CapturedState state) => Task.Factory.StartNew(
        () =>
        {
            if (table.IsNear) SaveUnmanaged(id, row, state);
            else table.Save(id, row, MeshSerializer.ArrayOf(state.ToMemory()), JournalSchema.StateManifest);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private unsafe void SaveUnmanaged(string id, long row, CapturedState state)
    {
        var memory = NativeMemory.Alloc((nuint)state.Length);
        try
        {
            var bytes = new Span<byte>(memory, state.Length);
            state.WriteTo(bytes);
            table.SaveUnmanaged(id, row, bytes, JournalSchema.StateManifest);
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
