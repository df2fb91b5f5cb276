using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <content>Many events leave quarantine together: what of them is not in memory is read off the shard's thread, then the core decides about all.</content>
internal sealed partial class ShardActor
{
    private void Take(EmptyQuarantine request)
    {
        var asker = Sender;
        if (request.Drop)
        {
            var (count, refused) = shard.DropAll(request.Filter, NowNs);
            Answer(count, refused);
            return;
        }
        var found = shard.Quarantine(request.Filter);
        if (shard.TooMany(found.Count) is { } tooMany)
        {
            Answer(found.Count, tooMany);
            return;
        }
        var known = found.Select(q => (q.Agent, q.Input, Event: shard.FindEvent(q.Input))).ToArray();
        if (Array.TrueForAll(known, k => k.Event is not null)) Release([.. known.Select(k => (k.Agent, k.Event!))]);
        else ReadPast(() => ReadAsync(known), Release, problem => Answer(known.Length, problem));

        void Release(List<(string Agent, MeshEvent Original)> events) => Answer(events.Count, shard.ReleaseAll(events, NowNs));

        void Answer(int count, string? problem) => ReplyCommitted(asker, new ShardAnswer(new QuarantineAnswer(problem is null ? count : 0, problem)));
    }

    private async Task<List<(string Agent, MeshEvent Original)>> ReadAsync((string Agent, long Input, MeshEvent? Event)[] wanted)
    {
        var events = new List<(string Agent, MeshEvent Original)>(wanted.Length);
        foreach (var (agent, input, known) in wanted) events.Add((agent, known ?? await ReadAsync(input).ConfigureAwait(false)));
        return events;
    }

    private async Task<MeshEvent> ReadAsync(long offset)
    {
        await foreach (var found in context.Journal.EventsAsync(offset, offset).ConfigureAwait(false)) return found;
        throw new LogCorruptException($"There is no event at offset {offset} in the log.", offset);
    }
}
