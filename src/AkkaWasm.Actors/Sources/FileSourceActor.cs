using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Sources;

/// <summary>
/// Reads one file and publishes its elements in file order. Batches wait for their commit, a few at a time; the next one is sent when the one
/// before is taken, so that the cursor, which moves with each batch, never passes one that was refused.
/// </summary>
internal sealed class FileSourceActor : UntypedActor
{
    private static readonly Dictionary<FileSourceFormat, string> ContentTypes = new()
    {
        [FileSourceFormat.GeoJsonFeatures] = "application/geo+json",
        [FileSourceFormat.JsonLines] = "application/json",
    };

    private readonly FileSourceOptions options;
    private readonly IActorRef shard;
    private readonly NodeBoard board;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Dictionary<long, (PublishToShard Message, long Elements)> inFlight = [];
    private readonly string eventSource;
    private JsonElementReader? reader;
    private UInt128 fingerprint;
    private long elements;
    private long bytesShown;
    private long nextId;
    private bool isRead;
    private bool waitsForTaken;
    private ITimer? retry;

    public FileSourceActor(FileSourceOptions options, IActorRef shard, NodeBoard board, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.shard = shard;
        this.board = board;
        this.time = time;
        this.logger = logger;
        eventSource = options.EventSource ?? "file:///" + Uri.EscapeDataString(Path.GetFileName(options.Path));
    }

    protected override void PreStart() => shard.Tell(new GetSourceCursor(options.Name));

    protected override void PostStop()
    {
        retry?.Dispose();
        reader?.Dispose();
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e)
        {
            Context.Parent.Tell(new SourceIsFailing(options.Name, e is SourceFailedException ? e.Message : $"The source '{options.Name}' failed: {e.Message}"));
            throw;
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case SourceCursorIs known: Begin(SourceCursor.Read(known.Cursor)); break;
            case PublishTaken taken when inFlight.ContainsKey(taken.Id): waitsForTaken = false; break;
            case PublishAnswer answer when inFlight.Remove(answer.Id, out var batch): Answered(answer.Reply, batch); break;
            case PublishToShard again: shard.Tell(again); break;
            default: return;
        }
        Pump();
    }

    private void Begin(SourceCursor? cursor)
    {
        reader = JsonElementReader.Open(options);
        fingerprint = SourceCursor.FingerprintOf(options.Path);
        var done = cursor?.Fingerprint == fingerprint ? cursor.Value.Elements : 0;
        while (elements < done && reader.Next() is not null) elements++;
        Log.SourceStarts(logger, options.Name, options.Path, elements);
    }

    private void Pump()
    {
        while (reader is not null && !isRead && !waitsForTaken && inFlight.Count < options.MaxBatchesInFlight) PublishNext();
        if (isRead && inFlight.Count == 0) Context.Parent.Tell(new SourceIsDrained(options.Name, elements));
    }

    private void PublishNext()
    {
        var events = ImmutableArray.CreateBuilder<MeshEvent>(options.BatchEvents);
        while (events.Count < options.BatchEvents && reader!.Next() is { } element) events.Add(EventOf(element));
        isRead = events.Count < options.BatchEvents;
        board.AddSourceBytes(reader!.Consumed - bytesShown);
        bytesShown = reader.Consumed;
        if (events.Count == 0) return;
        elements += events.Count;
        var batch = new PublishBatch(events.ToImmutable()) { CursorOf = options.Name, Cursor = new SourceCursor(fingerprint, elements).ToBytes() };
        Send(new PublishToShard(batch, ++nextId, TellWhenTaken: true), elements);
    }

    private void Send(PublishToShard message, long elementsThen)
    {
        inFlight[message.Id] = (message, elementsThen);
        waitsForTaken = true;
        shard.Tell(message);
    }

    private void Answered(PublishReply reply, (PublishToShard Message, long Elements) batch)
    {
        if (reply.Problem is null)
        {
            Context.Parent.Tell(new SourceProgressed(options.Name, batch.Elements));
            return;
        }
        if (reply.RetryAfter is not { } wait)
            throw new SourceFailedException($"{options.Path}, element {batch.Elements - batch.Message.Batch.Events.Length + reply.Problem.Index + 1}: {reply.Problem.Message}");
        inFlight[batch.Message.Id] = batch;
        var (self, message) = (Self, batch.Message);
        retry?.Dispose();
        retry = time.CreateTimer(_ => self.Tell(message), null, wait, Timeout.InfiniteTimeSpan);
    }

    private MeshEvent EventOf(FileElement element) => new()
    {
        Topic = options.Topic, Id = element.Id, Source = eventSource, Data = element.Data, ContentType = ContentTypes[options.Format], Origin = EventOrigin.External,
    };
}
