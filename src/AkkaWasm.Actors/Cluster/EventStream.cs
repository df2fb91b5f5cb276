using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Actors.Cluster;

/// <summary>The committed events of a topic pattern without gaps: live ones from the subscription, missing ones from the log.</summary>
internal sealed class EventStream(ActorSystem system, JournalReader journal, LogReaders readers, NodeBoard board, TimeProvider time, Func<MeshEvent, CommittedEvent> resolve)
{
    private const int CommitsHeld = 64;

    /// <summary>How long nothing may come before the log is looked at: pub-sub may lose what it likes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async IAsyncEnumerable<CommittedEvent> ReadAsync(TopicPattern pattern, long? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<CommittedEvents>(new BoundedChannelOptions(CommitsHeld) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var subscribed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscriber = system.ActorOf(Props.Create(() => new EventStreamActor(board, channel.Writer, subscribed)));
        try
        {
            await WithPatienceAsync(subscribed.Task, cancellation).ConfigureAwait(false); // while pub-sub is begun again the log has to do
            var committed = board.CommittedOffset; // whatever is committed after this comes through the subscription
            var next = from ?? committed + 1;
            using var reader = readers.Enter(next);
            await foreach (var missed in LogAsync(pattern, next, committed, cancellation).ConfigureAwait(false)) yield return missed;
            reader.Advance(next = Math.Max(next, committed + 1));
            Task<bool>? wait = null;
            while (true)
            {
                if (!channel.Reader.TryRead(out var commit))
                {
                    wait ??= channel.Reader.WaitToReadAsync(cancellation).AsTask();
                    if (await WithPatienceAsync(wait, cancellation).ConfigureAwait(false) is not { } hasMore)
                    {
                        // Nothing came for a while: what was committed meanwhile, if anything, is read from the log.
                        var last = board.CommittedOffset;
                        await foreach (var missed in LogAsync(pattern, next, last, cancellation).ConfigureAwait(false)) yield return missed;
                        reader.Advance(next = Math.Max(next, last + 1));
                    }
                    else if (!hasMore) yield break;
                    else wait = null;
                    continue;
                }
                if (commit.LastOffset < next) continue;
                await foreach (var missed in LogAsync(pattern, next, commit.FirstOffset - 1, cancellation).ConfigureAwait(false)) yield return missed;
                foreach (var e in commit.Events)
                    if (e.Offset >= next && pattern.Matches(e.Topic)) yield return commit.Resolve(e);
                reader.Advance(next = commit.LastOffset + 1);
            }
        }
        finally
        {
            system.Stop(subscriber);
        }
    }

    /// <returns>Whether something came; false at the end, null if nothing came for a while.</returns>
    private async Task<bool?> WithPatienceAsync(Task<bool> wait, CancellationToken cancellation)
    {
        try
        {
            return await wait.WaitAsync(Patience, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The committed event at an offset, or null.</summary>
    public async Task<CommittedEvent?> AtAsync(long offset, CancellationToken cancellation)
    {
        if (offset < 0 || offset > board.CommittedOffset) return null;
        await foreach (var e in journal.EventsAsync(offset, offset).WithCancellation(cancellation).ConfigureAwait(false)) return resolve(e);
        return null;
    }

    /// <summary>The committed events of a stretch of the log.</summary>
    public async IAsyncEnumerable<CommittedEvent> LogAsync(TopicPattern pattern, long from, long to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (from > to) yield break;
        await foreach (var e in journal.EventsAsync(from, to).ConfigureAwait(false))
        {
            cancellation.ThrowIfCancellationRequested();
            if (pattern.Matches(e.Topic)) yield return resolve(e);
        }
    }
}
