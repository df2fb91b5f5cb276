using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A journal in memory of which writes wait, when the test says so, until it lets them succeed or fail. One test uses it at a time: see <see cref="Collection"/>.</summary>
public sealed class StallingJournal : MemoryJournal
{
    public const string Config = """
        akka.persistence.journal.plugin = "akka.persistence.journal.stalling"
        akka.persistence.journal.stalling { class = "AkkaWasm.Actors.Tests.Support.StallingJournal, AkkaWasm.Actors.Tests", plugin-dispatcher = "akka.actor.default-dispatcher" }
        """;

    /// <summary>The collection of the tests that use it.</summary>
    public const string Collection = "stalling journal";

    private static readonly Lock Gate = new();
    private static readonly List<Action<bool>> Waiting = [];
    private static TaskCompletionSource? stalled;

    /// <summary>Lets all writes wait from now on.</summary>
    /// <returns>Ends when one waits.</returns>
    public static Task Stall()
    {
        lock (Gate) return (stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Ends the writes that wait, in their order, and lets no more wait.</summary>
    public static void End(bool written)
    {
        lock (Gate)
        {
            stalled = null;
            foreach (var end in Waiting) end(written);
            Waiting.Clear();
        }
    }

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (stalled is null) return base.WriteMessagesAsync(messages, cancellationToken)!;
            var (answer, writes) = (new TaskCompletionSource<IImmutableList<Exception?>?>(TaskCreationOptions.RunContinuationsAsynchronously), messages.ToArray());
            Waiting.Add(written =>
            {
                if (written) answer.SetResult(base.WriteMessagesAsync(writes, CancellationToken.None).GetAwaiter().GetResult());
                else answer.SetException(new IOException("The disk is full, says the test."));
            });
            stalled.TrySetResult();
            return answer.Task;
        }
    }
}
