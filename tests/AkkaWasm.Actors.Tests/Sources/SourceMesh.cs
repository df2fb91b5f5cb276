using AkkaWasm.Actors.Sources;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Sources;

/// <summary>A mesh without agents around a real shard, which answers when the batch is committed. It notes what was asked and can refuse.</summary>
internal sealed class SourceMesh
{
    private readonly Shard shard = new(new ShardOptions { MaxEventBytes = 4_000 });
    private readonly Lock gate = new();
    private readonly List<TaskCompletionSource> uncommitted = [];
    private int inFlight;

    public SourceMesh()
    {
        shard.Open(new MeshTopology("mesh", SupervisionPolicy.Default, [], []), 1);
        shard.Committed(shard.CutBlock()!);
    }

    /// <summary>How many batches are committed together; the last one of a file is not waited with.</summary>
    public int CommitsTogether { get; init; } = 1;

    public List<MeshEvent> Log { get; } = [];

    /// <summary>The cursor after each batch that was taken.</summary>
    public List<ReadOnlyMemory<byte>> Cursors { get; } = [];

    public int Asked { get; private set; }

    public int MostInFlight { get; private set; }

    /// <summary>Says for each batch whether it is refused before the shard sees it.</summary>
    public Func<PublishBatch, PublishReply?> Refuse { get; set; } = _ => null;

    /// <summary>Whether the publisher is told when a batch is taken, some time before its commit.</summary>
    public bool TellsWhenTaken { get; init; } = true;

    public async Task<PublishReply> PublishAsync(PublishBatch batch, Action taken)
    {
        MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref inFlight));
        await Task.Yield();
        try
        {
            PublishReply reply;
            lock (gate) reply = Publish(batch);
            if (reply.IsAccepted && TellsWhenTaken)
            {
                taken();
                await CommitAsync(batch);
            }
            return reply;
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private Task CommitAsync(PublishBatch batch)
    {
        var commit = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            uncommitted.Add(commit);
            if (uncommitted.Count < CommitsTogether && SourceCursor.Read(batch.Cursor.Span) is { IsComplete: false }) return commit.Task;
            foreach (var waiting in uncommitted) waiting.SetResult();
            uncommitted.Clear();
        }
        return commit.Task;
    }

    public Task<ReadOnlyMemory<byte>?> CursorAsync(string source)
    {
        lock (gate) return Task.FromResult(shard.SourceCursor(source));
    }

    private PublishReply Publish(PublishBatch batch)
    {
        Asked++;
        if (Refuse(batch) is { } refused) return refused;
        var first = shard.NextOffset;
        if (shard.Publish(batch, "ticket", 1 + Asked) is { } problem) return new PublishReply([], 0, problem, null);
        if (shard.CutBlock() is { } block)
        {
            Log.AddRange(block.Events);
            shard.Committed(block);
        }
        Cursors.Add(batch.Cursor);
        var taken = Assert.IsType<AcknowledgePublish>(Assert.Single(shard.TakeEffects()));
        return new PublishReply([.. taken.Offsets.Select(o => new Position(0, 1, o))], taken.Duplicates, null, null);
    }
}
