using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// What an event costs the agents of <c>config/examples</c>: real earthquakes of 800 bytes, each parsed and taken into the agent's state, without
/// log and actors. Agents whose module was not built are left out.
/// </summary>
internal static class GuestBenchmarks
{
    private const int Events = 400;

    private static readonly (string Language, string Module, string Config)[] Examples =
    [
        ("c", "agent.wasm", """{"completeness":4.2,"every":100}"""),
        ("cpp", "agent.wasm", ""),
        ("assemblyscript", "agent.wasm", ""),
        ("wat", "agent.wat", ""),
        ("kotlin", "build/agent.wasm", ""),
        ("javascript", "build/agent.wasm", ""),
        ("ruby", "build/agent.wasm", ""),
    ];

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var events = Week();
        foreach (var (language, module, config) in Examples)
        {
            var path = Path.Combine(Checkout.Root, "config", "examples", language, module);
            if (File.Exists(path)) Measure(rounds, report, language, File.ReadAllBytes(path), config, events);
        }
        return Task.CompletedTask;
    }

    private static void Measure(Rounds rounds, Report report, string language, byte[] module, string config, MeshEvent[] events)
    {
        var definition = new AgentDefinition
        {
            Name = language, ModuleHash = Convert.ToHexStringLower(SHA256.HashData(module)), Config = Encoding.UTF8.GetBytes(config),
            Capabilities = new Capabilities { Publish = [">"] }, Limits = AgentLimits.Default with { MemoryBytes = 1L << 30, GcHeapBytes = 1L << 30, Deadline = TimeSpan.FromMinutes(1) },
        };
        var folder = Directory.CreateTempSubdirectory("akkawasm-bench-");
        var store = new ModuleStore(folder.FullName);
        store.Keep(new MeshTopology("bench", SupervisionPolicy.Default, [], [definition]), new Dictionary<string, ModuleFile> { [definition.ModuleHash] = new(module, language) });
        using (var engine = new GuestEngine(new GuestEngineOptions(), Checkout.CompiledModules, store))
        {
            var agent = new AgentIdentity(0, language, 1, definition, (_, _) => language);
            var created = new RecordedTurn(new MeshEvent { Topic = "created" }, TurnResult.DigestOf([]));
            var samples = new List<double>();
            for (var round = 0; round < rounds.Count; round++)
            {
                using var runner = AgentRunner.Rebuild(agent, new EventIdentity("bench", (_, _) => language), new WasmGuestFactory(engine), null, [created]);
                samples.Add(Handle(runner, events).TotalMicroseconds / events.Length);
            }
            report.Row($"event handled by the agent in {language}", "µs", Rounds.Quantile(samples, 0.5));
        }
        folder.Delete(recursive: true);
    }

    /// <summary>Handles all events, beginning with an agent that knows nothing, and says how long that took.</summary>
    private static TimeSpan Handle(AgentRunner runner, MeshEvent[] events)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var input in events)
            if (runner.Run(input, 0).Fault is { } fault) throw new InvalidOperationException(fault.Message);
        return Stopwatch.GetElapsedTime(start);
    }

    private static MeshEvent[] Week()
    {
        using var week = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Checkout.Root, "config", "earthquakes", "usgs-all-week-2018-02.geojson")));
        return [.. week.RootElement.GetProperty("features").EnumerateArray().Take(Events)
            .Select(feature => new MeshEvent { Topic = "usgs.feed", Id = feature.GetProperty("id").GetString()!, Source = "/bench", Data = Encoding.UTF8.GetBytes(feature.GetRawText()) })];
    }
}
