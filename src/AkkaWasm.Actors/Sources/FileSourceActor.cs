using Akka.Actor;
using Akka.Event;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Sources;

/// <summary>Publishes a batch of a source.</summary>
/// <param name="batch">The batch.</param>
/// <param name="taken">To be called when the batch has its place in the log and cannot be refused any more; may be left out.</param>
/// <returns>The answer after the commit, or why the batch was refused.</returns>
internal delegate Task<PublishReply> SourcePublish(PublishBatch batch, Action taken);

/// <summary>
/// Reads a file once, element by element, and publishes each as an event. A batch is sent when the one before was taken, so that nothing, the
/// cursor neither, can overtake one that was refused; several may wait for their commit, and further ones are read ahead. It fails with a
/// <see cref="SourceFailedException"/>, begins again from the cursor in the log, and rests when all of the file is in the log.
/// </summary>
internal sealed class FileSourceActor : ReceiveActor
{
    /// <summary>Size at which a batch is published although it has fewer events than it may have, bytes.</summary>
    private const int MaxBatchBytes = 4 << 20;

    /// <summary>Elements passed over at a time when a file is read on from its middle.</summary>
    private const int SkipStride = 10_000;

    private static readonly TimeSpan MinBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    private readonly FileSourceOptions options;
    private readonly SourcePublish publish;
    private readonly Func<Task<ReadOnlyMemory<byte>?>> cursor;
    private readonly Action<SourceStatus> report;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopped = new();
    private readonly LinkedList<SourceBatch> ahead = [];
    private readonly HashSet<SourceBatch> committing = new(ReferenceEqualityComparer.Instance);
    private FileFingerprint file;
    private ElementReader? reader;
    private SourceElement? next;
    private SourceFailedException? flaw;
    private SourceBatch? current;
    private ITimer? retry;
    private ITimer? pace;
    private TimeSpan backoff = MinBackoff;
    private SourceState state = SourceState.Waiting;
    private string? problem;
    private long skip;
    private long done;
    private long doneBytes;

    public FileSourceActor(
        FileSourceOptions options, SourcePublish publish, Func<Task<ReadOnlyMemory<byte>?>> cursor, Action<SourceStatus> report, TimeProvider time)
    {
        this.options = options;
        this.publish = publish;
        this.cursor = cursor;
        this.report = report;
        this.time = time;
        OfThisLife<Found>(found => Begin(found.File, found.Cursor));
        OfThisLife<Read>(_ => ReadAhead());
        OfThisLife<Taken>(taken => Take(taken.Batch));
        OfThisLife<Replied>(replied => Take(replied.Batch, replied.Reply));
        OfThisLife<Again>(_ => Publish());
        OfThisLife<Paced>(_ => GoOn());
        OfThisLife<Broken>(broken => Fail(broken.Failure));
    }

    /// <param name="options">What is read.</param>
    /// <param name="publish">Publishes a batch.</param>
    /// <param name="cursor">Gives the cursor in the log, or null.</param>
    /// <param name="report">Is told of every change.</param>
    /// <param name="time">The clock for waits.</param>
    public static Props Props(
        FileSourceOptions options, SourcePublish publish, Func<Task<ReadOnlyMemory<byte>?>> cursor, Action<SourceStatus> report, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new FileSourceActor(options, publish, cursor, report, time));

    protected override void PreStart()
    {
        Report();
        Ask(FindAsync, found => found);
    }

    protected override void PostStop()
    {
        stopped.Cancel();
        retry?.Dispose();
        pace?.Dispose();
        reader?.Dispose();
    }

    private async Task<Found> FindAsync()
    {
        var known = await cursor().ConfigureAwait(false);
        var now = await Task.Run(() => FileFingerprint.Of(options.Path, stopped.Token), stopped.Token).ConfigureAwait(false);
        return new Found(this, now, known is { } bytes ? SourceCursor.Read(bytes.Span) : null);
    }

    private void Begin(FileFingerprint found, SourceCursor? known)
    {
        file = found;
        if (known is { } before && before.File == file) skip = done = before.Elements;
        if (done > 0 && known is { IsComplete: true })
        {
            Rest();
            return;
        }
        state = SourceState.Reading;
        Report();
        ReadAhead();
    }

    /// <summary>Reads one more batch if there is room for it, then sees whether one can be published.</summary>
    private void ReadAhead()
    {
        if (state != SourceState.Reading) return;
        if (!IsRead && ahead.Count < options.MaxBatchesInFlight)
        {
            Guarded(Collect);
            if (!IsRead) Self.Tell(new Read(this));
        }
        PublishNext();
    }

    private bool IsRead => flaw is not null || (reader is not null && next is null && skip == 0);

    /// <summary>Passes over what is in the log already.</summary>
    /// <returns>Whether the next element is one to be published.</returns>
    private bool Skip()
    {
        if (reader is null)
        {
            reader = ElementReader.Open(options);
            next = reader.Next();
        }
        for (var i = 0; i < SkipStride && next is not null && next.Number <= skip; i++) next = reader.Next();
        if (next is not null && next.Number <= skip) return false;
        skip = 0;
        return true;
    }

    private void Collect()
    {
        if (!Skip()) return;
        var elements = new List<SourceElement>();
        long bytes = 0;
        Guarded(() =>
        {
            while (next is not null && elements.Count < BatchEvents && (bytes == 0 || bytes + next.Data.Length <= MaxBatchBytes))
            {
                elements.Add(next);
                bytes += next.Data.Length;
                next = reader!.Next();
            }
        });
        var isLast = flaw is null && next is null;
        if (elements.Count > 0) ahead.AddLast(new SourceBatch([.. elements], elements[^1].Number, isLast ? file.Length : elements[^1].End, isLast));
    }

    /// <summary>A flaw is kept until all that stands before it is in the log.</summary>
    private void Guarded(Action read)
    {
        try
        {
            read();
        }
        catch (SourceFailedException e)
        {
            flaw = e;
        }
    }

    private void PublishNext()
    {
        if (current is not null || committing.Count >= options.MaxBatchesInFlight) return;
        if (ahead.First is { Value: var first })
        {
            if (pace is not null) return;
            ahead.RemoveFirst();
            current = first;
            Pace(first);
            Publish();
        }
        else if (!IsRead || committing.Count > 0) return;
        else if (flaw is not null) Fail(flaw);
        else Rest();
    }

    /// <summary>With a rate no more than a tenth of a second's events at once.</summary>
    private int BatchEvents => options.MaxEventsPerSecond == 0 ? options.BatchEvents : Math.Clamp(options.MaxEventsPerSecond / 10, 1, options.BatchEvents);

    /// <summary>The next batch follows when this one's share of time is over.</summary>
    private void Pace(SourceBatch batch)
    {
        if (options.MaxEventsPerSecond == 0) return;
        var self = Self;
        pace = time.CreateTimer(_ => self.Tell(new Paced(this)), null, TimeSpan.FromSeconds((double)batch.Elements.Length / options.MaxEventsPerSecond), Timeout.InfiniteTimeSpan);
    }

    private void GoOn()
    {
        pace?.Dispose();
        pace = null;
        ReadAhead();
    }

    private void Publish()
    {
        var (self, batch) = (Self, current!);
        Ask(() => publish(batch.ToEvents(options, file), () => self.Tell(new Taken(this, batch))), reply => new Replied(this, batch, reply));
    }

    /// <summary>The batch cannot be refused any more: the next one may follow.</summary>
    private void Take(SourceBatch taken)
    {
        if (!ReferenceEquals(current, taken)) return;
        committing.Add(taken);
        current = null;
        backoff = MinBackoff;
        ReadAhead();
    }

    private void Take(SourceBatch batch, PublishReply reply)
    {
        if (reply.Problem is { } refusal)
        {
            Refusals[refusal.Reason](this, refusal, reply.RetryAfter);
            return;
        }
        Take(batch);
        committing.Remove(batch);
        (done, doneBytes) = (Math.Max(done, batch.Done), Math.Max(doneBytes, batch.DoneBytes));
        Report();
        ReadAhead();
    }

    private static readonly Dictionary<PublishRefusal, Action<FileSourceActor, PublishProblem, TimeSpan?>> Refusals = new()
    {
        [PublishRefusal.Overloaded] = (s, _, wait) => s.PublishLater(wait),
        [PublishRefusal.Conflict] = (s, refusal, _) => s.LeaveOut(refusal),
        [PublishRefusal.Illegal] = (s, refusal, _) => s.StopBefore(refusal),
        [PublishRefusal.TooBig] = (s, refusal, _) => s.StopBefore(refusal),
    };

    private void PublishLater(TimeSpan? wait)
    {
        var self = Self;
        retry?.Dispose();
        retry = time.CreateTimer(_ => self.Tell(new Again(this)), null, wait ?? backoff, Timeout.InfiniteTimeSpan);
        backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff;
    }

    /// <summary>An element whose id is known with another content is passed over: what is in the log stays as it is.</summary>
    private void LeaveOut(PublishProblem refusal)
    {
        problem = SentenceOf(refusal);
        Context.GetLogger().Warning("{0}", problem);
        current = current!.Without(refusal.Index);
        Report();
        Publish();
    }

    /// <summary>What stands before an element that the mesh cannot take is published; then that element is the first and ends the source.</summary>
    private void StopBefore(PublishProblem refusal)
    {
        if (refusal.Index == 0)
        {
            flaw = new SourceFailedException(SentenceOf(refusal), false);
            current = null;
            ahead.Clear();
            PublishNext();
            return;
        }
        (current, var from) = current!.SplitAt(refusal.Index);
        ahead.AddFirst(from);
        Publish();
    }

    private string SentenceOf(PublishProblem refusal) => current!.Elements is { IsEmpty: false } elements && elements[refusal.Index] is var element
        ? $"The mesh does not take element {element.Number} of '{options.Path}' (id '{element.Id}', byte {element.Offset}): {refusal.Message}"
        : $"The mesh does not take the cursor of '{options.Path}': {refusal.Message}";

    /// <summary>All of the file is in the log.</summary>
    private void Rest()
    {
        (state, doneBytes) = (SourceState.Drained, file.Length);
        reader?.Dispose();
        Report();
    }

    private void Fail(SourceFailedException failure)
    {
        (state, problem) = (failure.RetryHelps ? SourceState.Restarting : SourceState.Failed, failure.Message);
        Report();
        throw failure;
    }

    private void Report() => report(new SourceStatus(options.Name, state, done, problem) { BytesRead = doneBytes, BytesTotal = file.Length });

    /// <summary>Runs something outside of the actor and has its outcome sent to it.</summary>
    private void Ask<T>(Func<Task<T>> question, Func<T, OfLife> answer)
    {
        var self = Self;
        _ = AskAsync();

        async Task AskAsync()
        {
            try
            {
                self.Tell(answer(await question().ConfigureAwait(false)));
            }
            catch (Exception e)
            {
                self.Tell(new Broken(this, e as SourceFailedException ?? new SourceFailedException($"The source '{options.Name}' cannot go on: {e.Message}", true, e)));
            }
        }
    }

    /// <summary>Answers to an earlier life of the actor are dropped.</summary>
    private void OfThisLife<T>(Action<T> handle) where T : OfLife => Receive<T>(message =>
    {
        if (message.Life == this) handle(message);
    });

    private abstract record OfLife(FileSourceActor Life);

    private sealed record Found(FileSourceActor Life, FileFingerprint File, SourceCursor? Cursor) : OfLife(Life);

    private sealed record Read(FileSourceActor Life) : OfLife(Life);

    private sealed record Taken(FileSourceActor Life, SourceBatch Batch) : OfLife(Life);

    private sealed record Replied(FileSourceActor Life, SourceBatch Batch, PublishReply Reply) : OfLife(Life);

    private sealed record Again(FileSourceActor Life) : OfLife(Life);

    private sealed record Paced(FileSourceActor Life) : OfLife(Life);

    private sealed record Broken(FileSourceActor Life, SourceFailedException Failure) : OfLife(Life);
}
