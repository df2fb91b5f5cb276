using System.Text.Json.Nodes;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Process.Tests.Living;

/// <summary>
/// A mesh with something for each verb that changes a mesh while it runs: a counter that gets other modules, a pool, a family, an agent whose module a rule replaces, one
/// that changes others, one that goes, one that put events aside and whose group gets another name, one that goes back to an older version, one that is brought events from
/// before it subscribed. All of them count the events of their topic, so that what they were given once and only once shows
/// in the last number that they publish.
/// </summary>
internal sealed class LivingMesh : IDisposable
{
    /// <summary>The agents that count the events of the topic <c>probe.NAME</c> alone.</summary>
    public static readonly string[] Counters = ["counter", "ruled", "worker", "faulty", "older"];

    private const string Handles = "(local $len i32)";
    private const string Memory = """(memory (export "memory") 1)""";

    private readonly TemporaryFolder folder = new();
    private long nextId;

    /// <param name="server">Where its log is, or null for its data folder.</param>
    public LivingMesh(PostgresServer? server = null)
    {
        var counter = File.ReadAllText(Path.Combine(NodeProcess.Root, "tests", "guests", "counter.wat")).Replace(Memory, Memory + """ (func (export "mesh_layout") (result i32) (i32.const 1))""", StringComparison.Ordinal);
        var at = counter.IndexOf(Handles, StringComparison.Ordinal) + Handles.Length;
        Write("good.wat", counter);
        Write("better.wat", counter.Replace(Memory, Memory + """ (func (export "better"))""", StringComparison.Ordinal));
        Write("bad.wat", counter.Insert(at, " (unreachable)"));
        Write("mesh.conf", $$"""
            akka-wasm {
              mesh {
                name = living
                supervision { max-nr-of-retries = -1, min-backoff = 1 ms, max-backoff = 5 ms }
                groups { workers {}, night {} }
                limits.past-events-ahead = 10
                agents {
                  counter { module = good.wat, subscribe = [probe.counter], capabilities.publish = [count.out], snapshot-every-turns = 20 }
                  crew { module = good.wat, subscribe = ["probe.crew.*"], capabilities.publish = [count.out], pool { size = 1, max = 4, key = "{3}", grow-lag = null, grow-age = null, shrink-after = null } }
                  keyed { module = good.wat, subscribe = ["probe.keyed.*"], key = "{3}", capabilities.publish = [count.out] }
                  ruled { module = bad.wat, subscribe = [probe.ruled], capabilities.publish = [count.out] }
                  worker { module = good.wat, group = workers, subscribe = [probe.worker], capabilities.publish = [count.out] }
                  faulty { module = bad.wat, group = night, subscribe = [probe.faulty], capabilities.publish = [count.out] }
                  older { module = good.wat, subscribe = [probe.older], capabilities.publish = [count.out] }
                  late { module = good.wat, subscribe = [probe.late], capabilities.publish = [count.out] }
                  leaving { module = good.wat, subscribe = [probe.leaving], capabilities.publish = [count.out] }
                  chief {
                    module = "{{Path.Combine(NodeProcess.Root, "tests", "guests", "integrator.wat")}}", subscribe = [probe.do]
                    capabilities { publish = [integrator.out, count.out], integrate = ["workers.*"], subscribe = [probe.worker] }
                  }
                }
                rules.heals { of = ruled, when { quarantine = 1 }, for = 0 s, cool-down = 1 s, then = [{ replace { module = better.wat } }] }
              }
              {{(server is null ? "" : $$"""
              data.journal { provider = PostgreSQL.15, connection-string = "{{server.NewSchema()}}" }
              data.snapshots = ${akka-wasm.data.journal}
              """)}}
            }
            """);
        Place = new Place(folder["data"], folder["mesh.conf"], ["--data", folder["data"], "--config", folder["mesh.conf"]]);
        IsOnSqlite = server is null;
    }

    public Place Place { get; }

    public bool IsOnSqlite { get; }

    /// <summary>Ids of the events that were acknowledged. Shared by those who publish.</summary>
    public List<string> Acknowledged { get; } = [];

    /// <summary>An id for an event.</summary>
    public string NextId() => $"n{Interlocked.Increment(ref nextId)}";

    /// <summary>How a topology names the modules.</summary>
    public (string Good, string Better, string Bad) Modules { get; private set; }

    /// <summary>Learns that from the first topology.</summary>
    public void Learn(JsonNode topology) =>
        Modules = (ModuleOf(topology, "worker"), Mesh(topology)["rules"]!["heals"]!["then"]![0]!["replace"]!["module"]!.GetValue<string>(), ModuleOf(topology, "ruled"));

    /// <summary>Whether the agent <c>late</c> gets the events of the counter too, from the first one on.</summary>
    public bool IsBroughtThePast { get; set; }

    /// <summary>What a topology says of the mesh.</summary>
    public static JsonNode Mesh(JsonNode topology) => topology["akka-wasm"]!["mesh"]!;

    /// <summary>The agents of a topology.</summary>
    public static JsonObject Agents(JsonNode topology) => Mesh(topology)["agents"]!.AsObject();

    /// <summary>The module of one of them.</summary>
    public static string ModuleOf(JsonNode topology, string agent) => Agents(topology)[agent]!["module"]!.GetValue<string>();

    /// <summary>The content of a module as a topology names it.</summary>
    public static string HashOf(string module) => module[(module.LastIndexOf(':') + 1)..];

    /// <summary>Gives one of them another module.</summary>
    public static void Give(JsonNode topology, string agent, string module) => Agents(topology)[agent]!["module"] = module;

    public void Dispose() => folder.Dispose();

    private void Write(string name, string text) => File.WriteAllText(folder[name], text);
}
