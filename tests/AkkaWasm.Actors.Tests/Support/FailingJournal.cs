using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A journal in memory that fails or rejects writes when the test says so. One test uses it at a time.</summary>
public sealed class FailingJournal : MemoryJournal
{
    public const string Config = """
        akka.persistence.journal.plugin = "akka.persistence.journal.failing"
        akka.persistence.journal.failing { class = "AkkaWasm.Actors.Tests.Support.FailingJournal, AkkaWasm.Actors.Tests", plugin-dispatcher = "akka.actor.default-dispatcher" }
        """;

    private static int failuresLeft;
    private static bool isRejecting;

    /// <summary>Fails, or rejects, the next writes.</summary>
    public static void FailNext(int writes, bool reject)
    {
        isRejecting = reject;
        Volatile.Write(ref failuresLeft, writes);
    }

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref failuresLeft) < 0) return base.WriteMessagesAsync(messages, cancellationToken)!;
        if (!isRejecting) throw new IOException("The disk is full, says the test.");
        return Task.FromResult<IImmutableList<Exception?>?>([.. messages.Select(Exception? (_) => new InvalidOperationException("Rejected by the test."))]);
    }
}
