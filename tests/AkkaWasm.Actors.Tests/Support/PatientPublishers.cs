using System.Collections.Concurrent;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>Publishers that publish each event until it is acknowledged, as the contract says, while the database does what it likes.</summary>
internal sealed class PatientPublishers
{
    private readonly ConcurrentQueue<string> acknowledged = new();
    private readonly CancellationTokenSource end = new();
    private readonly Task[] publishers;
    private int refusals;

    public PatientPublishers(MeshNode node, int count) => publishers = [.. Enumerable.Range(0, count).Select(p => Task.Run(() => PublishAsync(node, p)))];

    /// <summary>How often a publisher was told to come again.</summary>
    public int Refusals => Volatile.Read(ref refusals);

    public int Acknowledged => acknowledged.Count;

    /// <summary>Waits until so many more events have been acknowledged.</summary>
    public async Task MoreAsync(int count)
    {
        for (var target = acknowledged.Count + count; acknowledged.Count < target; await Task.Yield())
            if (publishers.FirstOrDefault(p => p.IsFaulted) is { } failed) await failed;
    }

    /// <summary>Waits until a publisher was refused.</summary>
    public async Task RefusedAsync()
    {
        for (var before = Refusals; Refusals == before; await Task.Yield())
            if (publishers.FirstOrDefault(p => p.IsFaulted) is { } failed) await failed;
    }

    /// <summary>Ends the publishers.</summary>
    /// <returns>The ids of the events that were acknowledged.</returns>
    public async Task<IReadOnlyCollection<string>> EndAsync()
    {
        await end.CancelAsync();
        await Task.WhenAll(publishers);
        return acknowledged;
    }

    private async Task PublishAsync(MeshNode node, int publisher)
    {
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var id = $"p{publisher}-{number}";
            var batch = new PublishBatch([new MeshEvent { Topic = "in", Id = id, Source = "/test", Data = Encoding.UTF8.GetBytes(id) }]);
            while (!(await node.PublishAsync(batch)).IsAccepted)
            {
                Interlocked.Increment(ref refusals);
                await Task.Yield();
            }
            acknowledged.Enqueue(id);
        }
    }
}
