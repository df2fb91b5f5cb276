using AkkaWasm.Actors.Offline;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Saves images by the group: while one group is written and synced, the next gathers. When many agents go to sleep together, they share their syncs.
/// May be used by any thread.
/// </summary>
internal sealed class ImageWriter(SqlSnapshotTable table)
{
    private readonly Lock gate = new();
    private List<(SnapshotRow Image, TaskCompletionSource Saved)> gathering = [];
    private bool isWriting;

    /// <summary>Saves an image.</summary>
    /// <returns>Ends when it is synced.</returns>
    public Task SaveAsync(string id, long sequenceNr, byte[] content)
    {
        var saved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            gathering.Add((new SnapshotRow(id, sequenceNr, content, JournalSchema.ImageManifest), saved));
            if (isWriting) return saved.Task;
            isWriting = true;
        }
        _ = Task.Run(WriteGroups);
        return saved.Task;
    }

    private void WriteGroups()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                table.Save([.. group.Select(g => g.Image)]);
                foreach (var (_, saved) in group) saved.SetResult();
            }
            catch (Exception e)
            {
                foreach (var (_, saved) in group) saved.SetException(e);
            }
        }
    }

    private List<(SnapshotRow Image, TaskCompletionSource Saved)>? TakeGroup()
    {
        lock (gate)
        {
            var group = gathering;
            isWriting = group.Count > 0;
            if (!isWriting) return null;
            gathering = [];
            return group;
        }
    }
}
