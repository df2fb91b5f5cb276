using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <summary>Reads items one after the other and keeps nothing itself: where it stands is the cursor in the log, for which it asks whenever the mesh was away.</summary>
internal sealed class SimulatedSource(string name, IReadOnlyList<MeshEvent> items, Sabotage sabotage)
{
    private int? next;
    private int sent;
    private bool isWaiting;

    public string Name => name;

    public bool IsDone => next == items.Count && !isWaiting;

    /// <summary>Whether it waits for nothing.</summary>
    public bool IsQuiet => !isWaiting;

    /// <summary>The next thing that it does: ask for its cursor, or publish some items.</summary>
    public void Step(Dice dice, TestMesh mesh, Action<Message> publish)
    {
        if (isWaiting) return;
        if (next is not { } from)
        {
            isWaiting = true;
            mesh.Ask(shard => shard.SourceCursor(name), Begin);
            return;
        }
        if (from == items.Count) return;
        var until = Math.Min(items.Count, from + 1 + dice.Next(3));
        isWaiting = true;
        sent = until;
        MeshEvent[] batch = [.. items.Skip(from).Take(until - from)];
        publish(new Message(new PublishBatch([.. batch]) { CursorOf = name, Cursor = BitConverter.GetBytes(until) }, [.. batch.Select(e => e.Id!)], this));
    }

    public void Acknowledged() => (next, isWaiting) = (sent, false);

    public void Refused() => isWaiting = false;

    /// <summary>The mesh went away: whether the items that were sent are in the log only the cursor tells.</summary>
    public void Disconnected() => (next, isWaiting) = (sabotage == Sabotage.IgnoresCursors && next is not null ? sent : null, false);

    private void Begin(ReadOnlyMemory<byte>? cursor) => (next, isWaiting) = (cursor is { } bytes ? BitConverter.ToInt32(bytes.Span) : 0, false);

    /// <summary>The id of an item, which ends with its number.</summary>
    public static string IdOf(string source, int item) => string.Create(CultureInfo.InvariantCulture, $"{source}-{item}");
}

/// <summary>A publication on its way; it is its own ticket.</summary>
/// <param name="Batch">What is published.</param>
/// <param name="Ids">Ids of the events in it.</param>
/// <param name="Source">The source that publishes, or null for a publisher that only knows what it has not seen acknowledged.</param>
internal sealed record Message(PublishBatch Batch, string[] Ids, SimulatedSource? Source);
