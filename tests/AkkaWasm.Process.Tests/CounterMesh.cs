using System.Globalization;
using System.Net;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// A mesh of counters that keeps as little of its log as it may and saves many images, all of them in parts, on data folders of its own. What its agents
/// are hangs on the events alone: the same events in the same order make the same states.
/// </summary>
internal sealed class CounterMesh : IDisposable
{
    private const int Families = 4;

    private readonly TemporaryFolder folder = new();

    /// <param name="retainEvery">How often a node looks whether something of its log can go, as HOCON says it.</param>
    public CounterMesh(string retainEvery)
    {
        var counter = Path.Combine(NodeProcess.Root, "tests", "guests", "counter.wat");
        File.WriteAllText(folder["mesh.conf"], $$"""
            akka-wasm {
              mesh {
                name = counters
                agents {
                  counter { module = "{{counter}}", subscribe = ["probe.>"], capabilities.publish = [count.out], snapshot-every-bytes = 100 B }
                  family { module = "{{counter}}", subscribe = ["probe.*"], key = "{2}", capabilities.publish = [count.out], snapshot-every-bytes = 50 B }
                }
                limits { max-whole-image-bytes = 1 KiB }
              }
              data.retention { bytes = 0, snapshots = 1, least-bytes = 0, every = {{retainEvery}} }
            }
            """);
    }

    /// <summary>A data folder of this mesh.</summary>
    public Place In(string name) => new(folder[name], folder["mesh.conf"], ["--data", folder[name], "--config", folder["mesh.conf"]]);

    public Place Copy(string name, string copy)
    {
        folder.Copy(name, copy);
        return In(copy);
    }

    /// <summary>Has the databases made, and nothing in them but the agents.</summary>
    public async Task<Place> BeginAsync(string name)
    {
        var place = In(name);
        await place.RunToIdleAsync();
        return place;
    }

    /// <summary>Posts the events with these numbers, each when the one before is acknowledged.</summary>
    /// <returns>The first number that is not acknowledged.</returns>
    public static async Task<int> PostAsync(NodeProcess node, Place place, int from, int to, CancellationToken end)
    {
        if (await node.ListeningAsync(place.Data, end) is not { } url) return from;
        using var client = new HttpClient { BaseAddress = url };
        var next = from;
        while (next < to && !end.IsCancellationRequested)
        {
            var family = string.Create(CultureInfo.InvariantCulture, $"k{next % Families}");
            if (await Publisher.TryPostAsync(client, family, next.ToString(CultureInfo.InvariantCulture), end) is >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous) next++;
        }
        return next;
    }

    /// <summary>Serves until so many events are acknowledged, and ends in order.</summary>
    public static async Task ServeAsync(Place place, int from, int to)
    {
        using var node = place.Serve();
        Assert.Equal(to, await PostAsync(node, place, from, to, CancellationToken.None));
        node.Terminate();
        await node.ExitAsync();
        Assert.True(node.ExitCode == 0, node.Errors);
    }

    /// <summary>The states of a mesh that was given so many events and never disturbed.</summary>
    public async Task<string[]> UndisturbedAsync(int events)
    {
        var place = In("undisturbed");
        await ServeAsync(place, 0, events);
        return (await place.RunToIdleAsync()).Agents;
    }

    /// <summary>The log is sound, a node runs on it with these states, and they are those that its turns make.</summary>
    public static async Task JudgeAsync(Place place, string[] expected, string context)
    {
        using var verified = await NodeProcess.RunAsync(["log", "verify", .. place.Log]);
        Assert.True(verified.ExitCode == 0, $"{context}: {verified.Output}{verified.Errors}");
        var agents = (await place.RunToIdleAsync()).Agents;
        Assert.True(expected.SequenceEqual(agents), $"{context}: {string.Join('\n', agents.Except(expected))} in place of {string.Join('\n', expected.Except(agents))}");
        using var replayed = await NodeProcess.RunAsync(["replay", "--all", "--verify", .. place.Log]);
        Assert.True(replayed.ExitCode == 0, $"{context}: {replayed.Output}{replayed.Errors}");
    }

    /// <summary>Compacts the log without a disturbance.</summary>
    public static async Task<JsonElement> CompactAsync(Place place, params string[] more)
    {
        using var compact = await NodeProcess.RunAsync(["log", "compact", .. place.Log, "--output", "json", .. more]);
        Assert.True(compact.ExitCode == 0, compact.Errors);
        return JsonDocument.Parse(compact.Output).RootElement;
    }

    public void Dispose() => folder.Dispose();
}
