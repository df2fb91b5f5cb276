using System.Collections.Immutable;
using System.Data.Common;
using System.Reflection;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Persistence;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Tests.Support;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit.Sdk;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A kind of database that logs are kept in.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>Runs a theory on one kind of database; skipped where it is not installed, in CI that is a failure.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class OnStoreAttribute : DataAttribute
{
    private readonly StoreKind kind;

    public OnStoreAttribute(StoreKind kind)
    {
        this.kind = kind;
        Skip = kind == StoreKind.Postgres ? PostgresServer.Obstacle : null;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[kind]];
}

/// <summary>Where a test keeps its log: an empty database of one kind, which can be looked into and damaged.</summary>
internal sealed class StorePlace : IDisposable
{
    public StorePlace(StoreKind kind, PostgresServer server)
    {
        Kind = kind;
        var postgres = kind == StoreKind.Postgres ? new StoreOptions("PostgreSQL.15", server.NewSchema()) : null;
        Journal = postgres ?? SqliteFiles.StoreIn(DataFolder.JournalFileOf(Folder.Path));
        Snapshots = postgres ?? SqliteFiles.StoreIn(DataFolder.SnapshotsFileOf(Folder.Path));
    }

    public StoreKind Kind { get; }

    public TestFolder Folder { get; } = new();

    public StoreOptions Journal { get; }

    public StoreOptions Snapshots { get; }

    public int InJournal(string sql, params (string Name, object Value)[] parameters) => Execute(Journal, sql, parameters);

    public int InSnapshots(string sql, params (string Name, object Value)[] parameters) => Execute(Snapshots, sql, parameters);

    public void Dispose() => Folder.Dispose();

    private static int Execute(StoreOptions store, string sql, (string Name, object Value)[] parameters)
    {
        using DbConnection connection = PostgresDatabase.Is(store) ? new NpgsqlConnection(store.ConnectionString) : new SqliteConnection(store.ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command.ExecuteNonQuery();
    }
}

/// <summary>The journal and the snapshot store of the plug-in as a node opens them, spoken to in Akka.Persistence's own messages.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    public const string Id = "shard-0";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ActorSystem system;
    private readonly IActorRef journal;
    private readonly IActorRef snapshots;

    private TestStore(ActorSystem system)
    {
        this.system = system;
        journal = Akka.Persistence.Persistence.Instance.Apply(system).JournalFor(null);
        snapshots = Akka.Persistence.Persistence.Instance.Apply(system).SnapshotStoreFor(null);
        Reader = new JournalReader(system, Id);
    }

    public JournalReader Reader { get; }

    public static async Task<TestStore> OpenAsync(StorePlace place)
    {
        var stores = new Stores(place.Journal, place.Snapshots);
        var options = new MeshNodeOptions { Topology = Topologies.Of(), DataFolder = place.Folder.Path, AkkaConfig = "akka.actor.provider = local" };
        await stores.PrepareAsync(options, CancellationToken.None);
        var config = NodeConfig.Build(options, stores);
        return new TestStore(ActorSystem.Create("store-" + Guid.NewGuid().ToString("n"), ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new LogSetup(options.Logs))));
    }

    /// <summary>Writes rows in one atomic write.</summary>
    /// <returns>What failed or was rejected, or null.</returns>
    public async Task<string?> WriteAsync(long first, params byte[][] blocks)
    {
        using var inbox = Inbox.Create(system);
        var rows = blocks.Select((block, i) => (IPersistentRepresentation)new Akka.Persistence.Persistent(new JournalRow(block), first + i, Id, "", false, inbox.Receiver, Guid.NewGuid().ToString("n")));
        journal.Tell(new WriteMessages([new AtomicWrite(rows.ToImmutableList())], inbox.Receiver, 1), inbox.Receiver);
        string? problem = null;
        for (var left = blocks.Length; left > 0;)
        {
            switch (await inbox.ReceiveAsync(Patience))
            {
                case WriteMessageSuccess: left--; break;
                case WriteMessageRejected rejected: (problem, left) = ($"rejected: {rejected.Cause.Message}", left - 1); break;
                case WriteMessageFailure failure: (problem, left) = ($"failed: {failure.Cause.Message}", left - 1); break;
                case Status.Failure failure: return $"no answer: {failure.Cause.Message}";
            }
        }
        return problem;
    }

    /// <summary>Replays rows as a shard that recovers does.</summary>
    public async Task<(long Highest, List<(long Row, byte[] Block)> Rows)> ReplayAsync(long from = 1, long to = long.MaxValue, long most = long.MaxValue)
    {
        using var inbox = Inbox.Create(system);
        var rows = new List<(long, byte[])>();
        journal.Tell(new ReplayMessages(from, to, most, Id, inbox.Receiver), inbox.Receiver);
        while (true)
        {
            switch (await inbox.ReceiveAsync(Patience))
            {
                case ReplayedMessage { Persistent: var row }: rows.Add((row.SequenceNr, ((JournalRow)row.Payload).Block.ToArray())); break;
                case RecoverySuccess end: return (end.HighestSequenceNr, rows);
                case ReplayMessagesFailure failure: throw new InvalidOperationException(failure.Cause.Message, failure.Cause);
                case Status.Failure failure: throw failure.Cause;
            }
        }
    }

    public async Task SaveAsync(string id, long sequenceNr, byte[] state)
    {
        var answer = await snapshots.Ask<ISnapshotResponse>(new SaveSnapshot(new SnapshotMetadata(id, sequenceNr, DateTime.UtcNow), new ShardSnapshot(state)), Patience);
        if (answer is SaveSnapshotFailure failure) throw failure.Cause;
    }

    /// <summary>The newest snapshot that the criteria admit: its sequence number and state, or null.</summary>
    public async Task<(long SequenceNr, byte[] State)?> LoadAsync(string id, SnapshotSelectionCriteria? criteria = null, long upTo = long.MaxValue)
    {
        var answer = await snapshots.Ask<ISnapshotResponse>(new LoadSnapshot(id, criteria ?? SnapshotSelectionCriteria.Latest, upTo), Patience);
        return answer switch
        {
            LoadSnapshotResult { Snapshot: { } found } => (found.Metadata.SequenceNr, ((ShardSnapshot)found.Snapshot).State.ToArray()),
            LoadSnapshotResult => null,
            LoadSnapshotFailed failure => throw failure.Cause,
            _ => throw new InvalidOperationException($"{answer}"),
        };
    }

    public async Task DeleteAsync(string id, SnapshotSelectionCriteria criteria)
    {
        using var inbox = Inbox.Create(system);
        snapshots.Tell(new DeleteSnapshots(id, criteria), inbox.Receiver);
        Assert.IsType<DeleteSnapshotsSuccess>(await inbox.ReceiveAsync(Patience));
    }

    public async ValueTask DisposeAsync() => await system.Terminate();
}
