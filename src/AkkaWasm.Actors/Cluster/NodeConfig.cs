using System.Globalization;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.Persistence.Sql;
using AkkaWasm.Actors.Persistence;

namespace AkkaWasm.Actors.Cluster;

/// <summary>The configuration of a node's actor system: what the user wrote, then what the node needs, then the libraries' own defaults.</summary>
internal static class NodeConfig
{
    /// <summary>Name of the actor system; nodes of a cluster share it.</summary>
    public const string SystemName = "akka-wasm";

    /// <summary>The dispatcher that guests run on, so that a long turn starves neither shard nor gateway.</summary>
    public const string GuestsDispatcher = "akka-wasm-guests-dispatcher";

    /// <summary>The dispatcher of shard, gateway and sources.</summary>
    public const string MeshDispatcher = "akka-wasm-mesh-dispatcher";

    /// <summary>The thread that commits to SQLite.</summary>
    public const string JournalDispatcher = "akka-wasm-journal-dispatcher";

    /// <summary>The snapshot store that keeps its snapshots in the table this program knows.</summary>
    public const string SnapshotPlugin = "akka.persistence.snapshot-store.sql";

    /// <summary>Stronger than what the user says: Akka would log the connection strings with their passwords.</summary>
    private const string Always = "akka.log-config-on-start = off";

    private const string Own = """
        akka {
          actor {
            provider = cluster
            serializers { akka-wasm = "AkkaWasm.Actors.Serialization.MeshSerializer, AkkaWasm.Actors" }
            serialization-bindings {
              "AkkaWasm.Actors.Serialization.IMeshSerializable, AkkaWasm.Actors" = akka-wasm
            }
          }
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          cluster {
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver.active-strategy = keep-majority
          }
          loggers = ["AkkaWasm.Actors.Cluster.LogBridge, AkkaWasm.Actors"]
          stdout-logger-class = "AkkaWasm.Actors.Cluster.SilentLogger, AkkaWasm.Actors"
          stdout-loglevel = ERROR
          loglevel = INFO
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            exit-clr = off
          }
          persistence {
            max-concurrent-recoveries = 1000
            journal {
              plugin = "akka.persistence.journal.sql"
              # a row holds up to 8 MiB, so few are fetched at a time
              # when a write or a read fails, the shard ends and begins again with a back-off of its own: the breaker need not wait longer than that
              sql {
                replay-batch-size = 8, tag-write-mode = Csv, warn-on-auto-init-fail = false
                circuit-breaker { max-failures = 10, call-timeout = 60s, reset-timeout = 1s }
                # it would leave out rows of writers that take turns; each block names the one before it, which the shard checks
                replay-filter.mode = off
              }
            }
            query.journal.sql { replay-batch-size = 8, max-buffer-size = 8, tag-read-mode = Csv }
            snapshot-store {
              plugin = "akka.persistence.snapshot-store.sql"
              sql.circuit-breaker { max-failures = 10, call-timeout = 60s, reset-timeout = 1s }
            }
          }
        }
        """;

    public static Config Build(MeshNodeOptions options, Stores stores) =>
        ConfigurationFactory.ParseString(Always)
            .WithFallback(Parse(options.AkkaConfig))
            .WithFallback(ConfigurationFactory.ParseString(ForNode(options, stores)))
            .WithFallback(ConfigurationFactory.ParseString(Own))
            .WithFallback(SqlPersistence.DefaultConfiguration)
            .WithFallback(DistributedPubSub.DefaultConfig());

    private static Config Parse(string section)
    {
        try
        {
            return section.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(section);
        }
        catch (Exception e)
        {
            throw new MeshNodeException(NodeFailure.Configuration, $"The section akka {{ … }} cannot be read by Akka: {e.Message}", e);
        }
    }

    private static string ForNode(MeshNodeOptions options, Stores stores)
    {
        var threads = options.Engine.Threads > 0 ? options.Engine.Threads : Math.Max(2, Environment.ProcessorCount);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {{GuestsDispatcher}} { type = ForkJoinDispatcher, throughput = 1, dedicated-thread-pool { thread-count = {{threads}}, threadtype = background } }
            {{MeshDispatcher}} { type = ForkJoinDispatcher, throughput = 30, dedicated-thread-pool { thread-count = 2, threadtype = background } }
            {{JournalDispatcher}} { type = PinnedDispatcher }
            akka {
              coordinated-shutdown.phases.service-requests-done.timeout = {{(long)options.DrainTimeout.TotalMilliseconds + 5_000}} ms
              persistence {
                journal.sql { {{Connect(stores.Journal)}}{{JournalClass(stores.Journal)}} }
                query.journal.sql { {{Connect(stores.Journal)}} }
                snapshot-store.sql { {{Connect(stores.Snapshots)}} }
              }
            }
            """);
    }

    /// <summary>The tables are there before the plug-in is; see <see cref="PostgresTables"/> and <see cref="SqliteTables"/>.</summary>
    private static string Connect(StoreOptions store) => PostgresDatabase.Is(store)
        ? $"connection-string = {Quote(PostgresDatabase.ConnectionStringOf(store))}, provider-name = {Quote(store.Provider)}, auto-initialize = false"
        : $"connection-string = {Quote(store.ConnectionString)}, provider-name = {Quote(store.Provider)}{(SqliteFiles.Are(store) ? ", auto-initialize = false" : "")}";

    private static string JournalClass(StoreOptions store) => SqliteFiles.Are(store) ? $", class = {Quote(typeof(SqliteJournal).AssemblyQualifiedName!)}, plugin-dispatcher = {JournalDispatcher}" : "";

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
