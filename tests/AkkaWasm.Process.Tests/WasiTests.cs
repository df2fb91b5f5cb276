using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// WASI programs of every kind as agents of a mesh, in a process of its own: events that break them are healed, the process is killed as
/// <c>kill -9</c> does at moments drawn from a seed, and the log is verified and replayed.
/// </summary>
public sealed class WasiTests : IDisposable
{
    private const int Events = 200;
    private const int PoisonEvery = 40;
    private const int Kills = 3;
    private const int Seed = 7;

    private static readonly string[] Agents = ["command", "loop", "reactor"];

    private readonly TemporaryFolder folder = new();

    public WasiTests()
    {
        var programs = Path.Combine(NodeProcess.Root, "tests", "guests", "wasi");
        Directory.CreateDirectory(folder["words"]);
        File.WriteAllText(Path.Combine(folder["words"], "hello.txt"), "hello\n");
        File.WriteAllText(folder["mesh.conf"], $$"""
            akka-wasm {
              mesh {
                name = programs
                supervision { max-nr-of-retries = -1, min-backoff = 1 ms, max-backoff = 1 ms }
                agents {
                  command {
                    module = "{{programs}}/tally.wasm", kind = wasi-command, subscribe = [in], snapshot-every-turns = 50, hash-every-turns = 10
                    wasi { stdout = out.command, env { A = b }, preopens { "/data" = words } }
                  }
                  loop { module = "{{programs}}/stream.wasm", subscribe = [in], snapshot-every-turns = 50, hash-every-turns = 10, wasi { stdin = loop, stdout = out.loop } }
                  reactor {
                    module = "{{programs}}/reactor.wasm", subscribe = [in], snapshot-every-turns = 50, hash-every-turns = 10
                    capabilities.publish = [out.direct], wasi.stdout = out.reactor
                  }
                }
                sources.words { path = events.jsonl, topic = in }
              }
              http.port = 0
            }
            """);
        var lines = new StringBuilder();
        for (var i = 1; i <= Events; i++) lines.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{i}}","word":"{{(i % PoisonEvery == 0 ? "trap" : "plain")}}"}""").Append('\n');
        File.WriteAllText(folder["events.jsonl"], lines.ToString());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Programs_are_healed_survive_kills_and_replay()
    {
        var clock = Stopwatch.StartNew();
        var expected = await RunToIdleAsync("reference");
        var span = clock.Elapsed;
        Assert.Equal(Agents.Length * Events / PoisonEvery, expected["quarantined"]);
        var random = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++) await RunAndKillAsync("killed", span * random.NextDouble());

        var summary = await RunToIdleAsync("killed");

        // Files have times, and the times of the events are those of the run: only the program without files ends in the same state twice.
        Assert.Equal(expected.Agents.Select(NameAndTurns), summary.Agents.Select(NameAndTurns));
        Assert.Equal(expected.Agents[1], summary.Agents[1]);
        Assert.Equal(expected["quarantined"], summary["quarantined"]);
        Assert.Equal(await OutputsAsync("reference"), await OutputsAsync("killed"));
        // The data folder alone is enough: the folder that a program reads is kept in it.
        Directory.Delete(folder["words"], recursive: true);
        foreach (var agent in Agents) await SucceedsAsync("replay", agent, "--verify", "--data", folder["killed"]);
        await SucceedsAsync("log", "verify", "--data", folder["killed"]);
    }

    private async Task<Summary> RunToIdleAsync(string data)
    {
        using var node = await NodeProcess.RunAsync("serve", folder["mesh.conf"], "--data", folder[data], "--until-idle", "--report", "json");
        return new Summary(node);
    }

    private async Task RunAndKillAsync(string data, TimeSpan moment)
    {
        using var node = NodeProcess.Start("serve", folder["mesh.conf"], "--data", folder[data]);
        await Task.Delay(moment);
        await node.KillAsync();
    }

    /// <summary>What the programs wrote, as events.</summary>
    private async Task<string[]> OutputsAsync(string data)
    {
        using var log = await NodeProcess.RunAsync("log", "show", "--data", folder[data], "--topic", "out.*", "--output", "json");
        Assert.True(log.ExitCode == 0, log.Errors);
        var events = log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event"))
            .ToLookup(e => e.GetProperty("type").GetString()!, e => e.TryGetProperty("data", out var text) ? text.GetRawText() : e.GetProperty("data_base64").GetRawText());
        string[] topics = ["out.command", "out.loop", "out.reactor", "out.direct"];
        foreach (var topic in topics) Assert.InRange(events[topic].Count(), Events * (PoisonEvery - 1) / PoisonEvery, Events + 1);
        return [.. topics.SelectMany(topic => events[topic].Select(data => $"{topic} {data}"))];
    }

    private static string NameAndTurns(string agent) => agent[..agent.LastIndexOf(' ')];

    private static async Task SucceedsAsync(params string[] arguments)
    {
        using var process = await NodeProcess.RunAsync(arguments);
        Assert.True(process.ExitCode == 0, process.Output + process.Errors);
    }
}
