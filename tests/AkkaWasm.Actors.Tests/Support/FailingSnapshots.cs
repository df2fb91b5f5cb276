using Akka.Persistence;
using Akka.Persistence.Snapshot;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A snapshot store in memory whose reads fail when the test says so. One test uses it at a time.</summary>
public sealed class FailingSnapshots : MemorySnapshotStore
{
    public const string Config = """
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.failing"
        akka.persistence.snapshot-store.failing { class = "AkkaWasm.Actors.Tests.Support.FailingSnapshots, AkkaWasm.Actors.Tests", plugin-dispatcher = "akka.actor.default-dispatcher" }
        """;

    private static int failuresLeft;
    private static Exception? cause;

    /// <summary>How many reads are still to fail.</summary>
    public static int FailuresLeft => Math.Max(0, Volatile.Read(ref failuresLeft));

    /// <summary>Fails the next reads.</summary>
    public static void FailNext(int reads, Exception because)
    {
        cause = because;
        Volatile.Write(ref failuresLeft, reads);
    }

    protected override Task<SelectedSnapshot> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken = default) =>
        Interlocked.Decrement(ref failuresLeft) < 0 ? base.LoadAsync(persistenceId, criteria, cancellationToken) : Task.FromException<SelectedSnapshot>(cause!);
}
