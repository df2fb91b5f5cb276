using System.Collections.Immutable;
using System.Runtime.InteropServices;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    /// <summary>Longest CloudEvents attribute, characters.</summary>
    public const int MaxAttributeLength = 1_024;

    /// <summary>Most CloudEvents extension attributes of an event.</summary>
    public const int MaxExtensions = 64;

    private readonly IdempotencyKey[] keysOfBatch = new IdempotencyKey[16];

    /// <summary>
    /// Takes events from outside, all of them or none. A known (source, id) with the same content is not appended again and answered with
    /// its first offset.
    /// </summary>
    /// <param name="batch">The events.</param>
    /// <param name="ticket">Comes back in an <see cref="AcknowledgePublish"/> once the batch is committed; null if nobody asks.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>Null if the batch was taken, otherwise why not.</returns>
    public PublishProblem? Publish(PublishBatch batch, object? ticket, long now)
    {
        Advance(now);
        if (batch.Events.Length > options.MaxBatchEvents)
            return new PublishProblem(PublishRefusal.TooBig, options.MaxBatchEvents,
                $"The batch has {batch.Events.Length} events, at most {options.MaxBatchEvents} are allowed (max-batch-events); publish it in parts.");
        for (var i = 0; i < batch.Events.Length; i++)
            if (CheckEvent(batch.Events[i], i) is { } problem) return problem;
        var offsets = new long[batch.Events.Length];
        var keys = KeysFor(batch.Events.Length);
        if (Compare(batch.Events, keys, offsets, out var isNew) is { } conflict) return conflict;
        if (isNew > 0 && state.Backlog > options.MaxBacklog)
            return new PublishProblem(PublishRefusal.Overloaded, 0, $"{state.Backlog} deliveries wait, more than {options.MaxBacklog} (max-backlog); publish the same batch again later.");
        var before = state.NextOffset;
        AppendNew(batch, keys, offsets);
        if (ticket is null) return null;
        var last = state.NextOffset > before || offsets.Length == 0 ? state.NextOffset - 1 : offsets.Max();
        Gate(new AcknowledgePublish(ticket, ImmutableCollectionsMarshal.AsImmutableArray(offsets), offsets.Length - isNew), last);
        return null;
    }

    /// <summary>One array for all small batches: its content is needed only while one is taken.</summary>
    private IdempotencyKey[] KeysFor(int events) => events <= keysOfBatch.Length ? keysOfBatch : new IdempotencyKey[events];

    /// <summary>The cursor that a source moved to last, or null.</summary>
    public ReadOnlyMemory<byte>? SourceCursor(string source) => state.Cursors.TryGetValue(source, out var cursor) ? cursor : default(ReadOnlyMemory<byte>?);

    private PublishProblem? CheckEvent(MeshEvent e, int index)
    {
        if (string.IsNullOrEmpty(e.Id) || string.IsNullOrEmpty(e.Source)) return Illegal($"has no {(string.IsNullOrEmpty(e.Id) ? "id" : "source")}; CloudEvents needs both");
        if (TopicName.Check(e.Topic) is { } problem) return Illegal($"has an illegal type: {problem}");
        if (TopicName.IsReserved(e.Topic)) return Illegal($"has the type '{e.Topic}'; topics that begin with 'mesh.' belong to the mesh");
        var wrong = CheckText(e.Id) ?? CheckText(e.Source) ?? CheckText(e.Topic) ?? CheckText(e.Subject) ?? CheckText(e.Time) ?? CheckText(e.ContentType) ?? CheckText(e.TraceParent);
        foreach (var (name, value) in e.Extensions) wrong ??= CheckText(name) ?? CheckText(value);
        if (wrong is not null) return Illegal(wrong);
        if (e.Extensions.Length > MaxExtensions) return Illegal($"has {e.Extensions.Length} extension attributes, at most {MaxExtensions} are allowed");
        return e.Data.Length > options.MaxEventBytes
            ? new PublishProblem(PublishRefusal.TooBig, index,
                $"The event '{e.Id}' (number {index + 1}) has {e.Data.Length} bytes of data, at most {options.MaxEventBytes} are allowed (max-event-bytes).")
            : null;

        PublishProblem Illegal(string what) => new(PublishRefusal.Illegal, index, $"The event {(string.IsNullOrEmpty(e.Id) ? "" : $"'{e.Id}' ")}(number {index + 1}) {what}.");
    }

    private static string? CheckText(string? text)
    {
        if (text is null) return null;
        if (text.Length > MaxAttributeLength) return $"has an attribute of {text.Length} characters, at most {MaxAttributeLength} are allowed";
        return IsUnicode(text) ? null : "has an attribute that is no Unicode text: half of a surrogate pair stands alone in it";
    }

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))) return false;
        return true;
    }

    private PublishProblem? Compare(ImmutableArray<MeshEvent> events, IdempotencyKey[] keys, long[] offsets, out int isNew)
    {
        isNew = 0;
        var inBatch = events.Length > 1 ? new Dictionary<UInt128, (int Index, ulong Content)>(events.Length) : null;
        (int Index, ulong Content) sibling = default;
        for (var i = 0; i < events.Length; i++)
        {
            var (key, content) = keys[i] = IdempotencyKey.Of(events[i]);
            var known = state.Known.TryGet(key, out var first);
            if ((known && first.Content != content) || (inBatch?.TryGetValue(key, out sibling) is true && sibling.Content != content))
                return new PublishProblem(PublishRefusal.Conflict, i,
                    $"The event '{events[i].Id}' of '{events[i].Source}' is known{(known ? $" at {PositionOf(first.Offset)}" : " in the same batch")} with another content; give it an id of its own.");
            if (known) offsets[i] = first.Offset;
            else if (inBatch?.TryGetValue(key, out sibling) is true) offsets[i] = -2 - sibling.Index;
            else
            {
                offsets[i] = Position.None;
                inBatch?.Add(key, (i, content));
                isNew++;
            }
        }
        return null;
    }

    private void AppendNew(PublishBatch batch, IdempotencyKey[] keys, long[] offsets)
    {
        if (batch.CursorOf is { } source && !(state.Cursors.TryGetValue(source, out var cursor) && cursor.Span.SequenceEqual(batch.Cursor.Span)))
            Append(new CursorRecord(source, batch.Cursor));
        for (var i = 0; i < offsets.Length; i++)
        {
            if (offsets[i] == Position.None) offsets[i] = AppendPublished(FromOutside(batch.Events[i]), keys[i]);
            else if (offsets[i] < Position.None) offsets[i] = offsets[-2 - offsets[i]];
        }
    }

    private long AppendPublished(MeshEvent e, IdempotencyKey key)
    {
        state.Hashed = (e, key);
        return AppendEvent(e);
    }

    /// <summary>A copy: what the publisher holds does not change, and its place and cause are not the publisher's to say.</summary>
    private static MeshEvent FromOutside(MeshEvent e) =>
        e with { Origin = EventOrigin.External, Agent = -1, Incarnation = 0, Index = 0, Correlation = 0, Cause = Position.None, Depth = 0, Offset = Position.None };

    private Position PositionOf(long offset) => new(options.Shard, EpochAt(offset), offset);

    /// <summary>Makes the agents that are to see an event and do not exist yet.</summary>
    private void BringIntoBeing(MeshEvent e)
    {
        var route = state.RouteOf(e.Topic);
        if (!route.MayBear) return;
        if (route.Inbox is { } inbox) Bear(inbox.Family, Uri.UnescapeDataString(inbox.EncodedKey), e);
        for (var i = 0; i < route.Subscribers.Length; i++)
        {
            var target = state.Target(route, i, e, out var key);
            if (target is { Unborn: true }) BearAnew(target, e);
            else if (key is not null) Bear(state.Topology!.Agents[route.Subscribers[i]], key, e);
        }
    }

    private void Bear(AgentDefinition definition, string? key, MeshEvent? cause, int parent = -1)
    {
        var name = key is null ? definition.Name : AgentName.OfKey(definition.Name, key);
        if (state.Find(name) is { } known)
        {
            BearAnew(known, cause);
            return;
        }
        if (name.Length > AgentDefinition.MaxNameLength || (key is not null && state.Agents.Of(definition.Name).Count >= definition.MaxKeys))
        {
            Refuse(definition.Name, name, cause);
            return;
        }
        var number = state.Agents.Count;
        Append(new AgentRecord(number, AgentChange.Born, name, definition.Name, key, state.FirstIncarnation(name), parent));
        AppendStarted(state.Agents[number], cause);
    }

    private void AppendStarted(AgentEntry entry, MeshEvent? cause) =>
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "started"), Turns.LifecycleData.Agent(entry.Name, entry.Incarnation), cause);

    private void Refuse(string definition, string name, MeshEvent? cause)
    {
        var detail = $"The agent '{name[..Math.Min(name.Length, AgentDefinition.MaxNameLength)]}' did not come to be: "
            + $"the family '{definition}' has {state.Agents.Of(definition).Count} keys (max-keys) or the name is longer than {AgentDefinition.MaxNameLength} characters.";
        Append(new EventRecord(new MeshEvent
        {
            Topic = AgentName.DeadLetter(definition), Origin = EventOrigin.DeadLetter, ContentType = Turns.LifecycleData.ContentType, Subject = definition,
            Data = Turns.LifecycleData.Agent(definition, 0, detail), Cause = cause?.Cause ?? Position.None, Depth = cause is null ? 0 : DeeperThan(cause),
        }));
    }
}
