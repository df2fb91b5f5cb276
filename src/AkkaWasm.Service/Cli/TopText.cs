using System.Globalization;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary>How agents are, as a table.</summary>
internal static class TopText
{
    private static readonly (string Header, Func<JsonElement, string> Cell)[] Columns =
    [
        ("agent", a => Text(a, "name")),
        ("state", a => Text(a, "state")),
        ("health", a => Text(Health(a), "level")),
        ("lag", a => Text(a, "pending")),
        ("age", a => Number(Health(a), "age_ms") is > 0 and var age ? Seconds(age) : "-"),
        ("failing", a => Number(Health(a), "failure_share") is > 0 and var share ? string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %") : "-"),
        ("turn", a => Number(Health(a), "turn_ms") is { } turn ? string.Create(CultureInfo.InvariantCulture, $"{turn:0.###} ms") : "-"),
        ("memory", a => Number(Health(a), "memory_bytes") is { } bytes ? Size(bytes) : "-"),
        ("put aside", a => Text(a, "quarantined")),
        ("life", a => Text(a, "incarnation")),
        ("healed", a => Text(a, "healed")),
        ("why", Why),
    ];

    public static string[] Headers { get; } = [.. Columns.Select(c => c.Header)];

    /// <summary>One line above the table.</summary>
    public static string Title(JsonElement top) => string.Create(CultureInfo.InvariantCulture,
        $"{top.GetProperty("agents").GetArrayLength()} agents by {Text(top, "sort")}, of {top.GetProperty("known").GetInt64():N0}; {top.GetProperty("active").GetInt64():N0} do something or are not well");

    public static IEnumerable<string[]> Rows(JsonElement top) => top.GetProperty("agents").EnumerateArray().Select(agent => Columns.Select(c => c.Cell(agent)).ToArray());

    /// <summary>What it said itself, what the mesh says of it, and why it is in its state, as far as there is something to say.</summary>
    private static string Why(JsonElement agent)
    {
        var health = Health(agent);
        var said = new[] { Reason(health, "reported", "says: "), Reason(health, "observed", ""), agent.TryGetProperty("why", out var why) ? why.GetString() : null };
        return string.Join("; ", said.Where(s => !string.IsNullOrEmpty(s)).Select(s => OneLine(s!)));
    }

    private static string? Reason(JsonElement health, string who, string prefix) =>
        health.TryGetProperty(who, out var said) && Text(said, "level") != "well" && Text(said, "reason") is { Length: > 0 } reason ? prefix + reason.TrimEnd('.') : null;

    /// <summary>What a guest says may contain anything; a terminal is to be told nothing by it.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static JsonElement Health(JsonElement agent) => agent.GetProperty("health");

    private static string Text(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static double? Number(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private static string Seconds(double ms) => ms < 1000 ? string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms") : string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.#} s");

    private static string Size(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++) bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {units[unit]}");
    }
}
