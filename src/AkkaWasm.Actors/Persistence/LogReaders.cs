using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>Who reads the log on from where, so that what is still to be read is not removed. May be used by any thread.</summary>
internal sealed class LogReaders
{
    private readonly Lock gate = new();
    private readonly HashSet<Reader> readers = [];
    private LogBeginning beginning;

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning
    {
        get { lock (gate) return beginning; }
    }

    /// <summary>Offset that the reader furthest back wants next; <see cref="long.MaxValue"/> if there is none.</summary>
    public long Lowest
    {
        get { lock (gate) return readers.Count == 0 ? long.MaxValue : readers.Min(r => r.At); }
    }

    /// <summary>A reader comes.</summary>
    /// <param name="from">Offset that it wants first.</param>
    /// <exception cref="LogBeginsLaterException">The log begins later.</exception>
    public Reader Enter(long from)
    {
        lock (gate)
        {
            if (from < beginning.Offset) throw new LogBeginsLaterException(from, beginning);
            var reader = new Reader(this, from);
            readers.Add(reader);
            return reader;
        }
    }

    /// <summary>The log is to begin later from now on.</summary>
    /// <returns>Whether nobody wants to read what is before.</returns>
    public bool TryBegin(LogBeginning later)
    {
        lock (gate)
        {
            if (readers.Any(r => r.At < later.Offset)) return false;
            if (later.Offset > beginning.Offset) beginning = later;
            return true;
        }
    }

    /// <summary>The log begins where it did before after all.</summary>
    public void Return(LogBeginning earlier)
    {
        lock (gate) beginning = earlier;
    }

    /// <summary>One that reads.</summary>
    public sealed class Reader(LogReaders all, long at) : IDisposable
    {
        public long At { get; private set; } = at;

        /// <summary>Says what it wants next.</summary>
        public void Advance(long next)
        {
            lock (all.gate) At = Math.Max(At, next);
        }

        public void Dispose()
        {
            lock (all.gate) all.readers.Remove(this);
        }
    }
}
