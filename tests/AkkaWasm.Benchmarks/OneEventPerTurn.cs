using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using AkkaWasm.Actors;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Benchmarks;

/// <summary>The usual way with the same plug-in and the same settings of the database: a persistent actor that persists each event and goes on when it is safe.</summary>
internal static class OneEventPerTurn
{
    public static async Task<double> MeasureOnSqliteAsync(int turns)
    {
        var folder = Directory.CreateTempSubdirectory("akkawasm-bench-");
        var connection = $"Data Source={Path.Combine(folder.FullName, "journal.db")}";
        using (var sqlite = new SqliteConnection(connection))
        {
            sqlite.Open();
            using var wal = sqlite.CreateCommand();
            wal.CommandText = "PRAGMA page_size=16384; PRAGMA journal_mode=WAL;";
            wal.ExecuteNonQuery();
        }
        var rate = await MeasureAsync(turns, new StoreOptions("SQLite.MS", connection));
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
        return rate;
    }

    /// <summary>Measures on a database that is there.</summary>
    public static async Task<double> MeasureAsync(int turns, StoreOptions store)
    {
        var config = ConfigurationFactory.ParseString($$"""
            akka.loglevel = WARNING
            akka.persistence.journal.plugin = "akka.persistence.journal.sql"
            akka.persistence.journal.sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", connection-string = "{{store.ConnectionString}}", provider-name = "{{store.Provider}}", auto-initialize = true }
            akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store"
            """).WithFallback(SqlPersistence.DefaultConfiguration);
        var system = ActorSystem.Create("baseline", config);
        var done = new TaskCompletionSource<TimeSpan>();
        var actor = system.ActorOf(Props.Create(() => new Counter(turns, done)));
        for (var i = 0; i < turns; i++) actor.Tell(new byte[100]);
        var elapsed = await done.Task;
        await system.Terminate();
        return turns / elapsed.TotalSeconds;
    }

    private sealed class Counter(int turns, TaskCompletionSource<TimeSpan> done) : UntypedPersistentActor
    {
        private long start;
        private int count;

        public override string PersistenceId => "baseline";

        protected override void OnRecover(object message)
        {
        }

        protected override void OnCommand(object message)
        {
            if (start == 0) start = Stopwatch.GetTimestamp();
            Persist(message, _ =>
            {
                if (++count == turns) done.SetResult(Stopwatch.GetElapsedTime(start));
            });
        }
    }
}
