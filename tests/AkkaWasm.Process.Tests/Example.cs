using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>An agent of <c>config/examples</c>, served on the first earthquakes of the recorded week.</summary>
internal sealed class Example
{
    /// <summary>How many earthquakes.</summary>
    public const int Features = 400;

    /// <summary>Compiled modules that are kept from run to run: Ruby takes most of a minute.</summary>
    private static readonly string Compiled = Directory.CreateDirectory(Path.Combine(NodeProcess.Root, "config", "examples", "build", "compiled")).FullName;

    private readonly string folder;
    private readonly string? module;

    /// <param name="language">Name of its folder.</param>
    /// <param name="agent">Name of its agent.</param>
    /// <param name="output">Pattern of the topics that it publishes to.</param>
    /// <param name="module">Its module, relative to its folder, if that has to be built; null if it is committed.</param>
    public Example(string language, string agent, string output, string? module = null)
    {
        folder = Path.Combine(NodeProcess.Root, "config", "examples", language);
        (Language, Agent, Output, this.module) = (language, agent, output, module is null ? null : Path.Combine(folder, module));
    }

    public static IReadOnlyList<Example> All { get; } =
    [
        new("c", "b-value", "quakes.b-value"),
        new("cpp", "records", "quakes.record.>"),
        new("assemblyscript", "networks", "quakes.network.>"),
        new("wat", "counter", "feed.count"),
        new("kotlin", "graph", "quakes.cluster", "build/agent.wasm"),
        new("javascript", "swarms", "quakes.swarm.>", "build/agent.wasm"),
        new("ruby", "depths", "quakes.depth.>", "build/agent.wasm"),
    ];

    public string Language { get; }

    public string Agent { get; }

    public string Output { get; }

    /// <summary>Why it cannot be tested here; null if it can. In CI everything can.</summary>
    public string? Obstacle => module is null || File.Exists(module) || Environment.GetEnvironmentVariable("CI") == "true"
        ? null
        : $"{module} was not built: run scripts/toolchain/install.sh, then scripts/examples.sh";

    public static Example Of(string language) => All.Single(example => example.Language == language);

    /// <summary>The command line that serves it with a data folder.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="shared">A folder for the events, the same for all runs of a test.</param>
    /// <param name="more">More arguments.</param>
    public string[] Serve(string data, string shared, params string[] more) =>
    [
        "serve", Path.Combine(folder, "mesh.conf"), "--data", data, .. Set("http.port", "0"), .. Set("engine.cache-folder", Compiled),
        .. Set("mesh.sources.week.path", Week(shared)), .. Set("mesh.sources.week.format", "json-lines"), .. more,
    ];

    /// <summary>Arguments that add a source with one event, as JSON with an id.</summary>
    public static string[] Source(string shared, string name, string topic, string data)
    {
        var file = Path.Combine(shared, name + ".jsonl");
        File.WriteAllText(file, data + "\n");
        return [.. Set($"mesh.sources.{name}.path", file), .. Set($"mesh.sources.{name}.topic", topic)];
    }

    private static string[] Set(string key, string value) => ["--set", $"akka-wasm.{key}={value}"];

    private static string Week(string shared)
    {
        var file = Path.Combine(shared, "week.jsonl");
        if (File.Exists(file)) return file;
        using var week = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(NodeProcess.Root, "config", "earthquakes", "usgs-all-week-2018-02.geojson")));
        File.WriteAllLines(file, week.RootElement.GetProperty("features").EnumerateArray().Take(Features).Select(feature => feature.GetRawText()));
        return file;
    }
}
