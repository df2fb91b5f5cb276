using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>What <c>--report json</c> says.</summary>
internal sealed class Summary
{
    private readonly JsonElement root;

    public Summary(NodeProcess node)
    {
        Assert.True(node.ExitCode == 0, $"exit code {node.ExitCode}: {node.Errors}");
        root = JsonDocument.Parse(node.Output).RootElement;
    }

    public long this[string name] => root.GetProperty(name).GetInt64();

    public long ThisRun(string name) => root.GetProperty("this_run").GetProperty(name).GetInt64();

    /// <summary>Name, turns and state hash of every agent.</summary>
    public string[] Agents => [.. root.GetProperty("agents").EnumerateArray()
        .Select(a => $"{a.GetProperty("name").GetString()} {a.GetProperty("turns").GetInt64()} {a.GetProperty("state_hash").GetString()}").Order(StringComparer.Ordinal)];

    /// <summary>The state hash of an agent.</summary>
    public string HashOf(string agent) => root.GetProperty("agents").EnumerateArray()
        .Single(a => a.GetProperty("name").GetString() == agent).GetProperty("state_hash").GetString()!;
}
