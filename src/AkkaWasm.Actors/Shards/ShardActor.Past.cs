using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <content>Events from before subscriptions are looked for in the log, off the shard's thread.</content>
internal sealed partial class ShardActor
{
    private void CarryOut(ReadPast past)
    {
        var journal = context.Journal;
        Read().PipeTo(Self,
            success: found => new PastIsRead(() => shard.PastIsRead(past, found.Length == past.AtMost ? found[^1].Offset : past.To, found, NowNs)),
            failure: e => new Status.Failure(e));

        async Task<ImmutableArray<MeshEvent>> Read()
        {
            var found = ImmutableArray.CreateBuilder<MeshEvent>();
            await foreach (var e in journal.EventsAsync(past.From, past.To).ConfigureAwait(false))
            {
                if (past.Wants(e)) found.Add(e);
                if (found.Count == past.AtMost) break;
            }
            return found.ToImmutable();
        }
    }
}
