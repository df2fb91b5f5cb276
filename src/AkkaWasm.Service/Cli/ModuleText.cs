using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary>Modules of the store, for people.</summary>
internal static class ModuleText
{
    /// <summary>Digits of a hash that a list shows; enough to tell contents apart.</summary>
    private const int ShortHash = 12;

    public static void WriteList(CliContext context, JsonElement list)
    {
        var rows = list.GetProperty("modules").EnumerateArray().SelectMany(RowsOf).ToArray();
        TextTable.Write(context, ["name", "version", "sha256", "bytes", "pushed", "signed by", "used by"], rows);
    }

    public static void WriteOne(CliContext context, JsonElement module)
    {
        TextTable.WritePairs(context, Pairs(module));
        if (!module.TryGetProperty("topologies", out var topologies) || topologies.GetArrayLength() == 0) return;
        context.Out.WriteLine();
        TextTable.Write(context, ["topology from", "agents"], topologies.EnumerateArray().Select(use => new[] { use.GetProperty("position").GetString()!, Join(use.GetProperty("agents")) }));
    }

    public static void WritePushed(CliContext context, JsonElement pushed, string origin)
    {
        var name = pushed.TryGetProperty("name", out var named) ? $"{named.GetString()} " : "";
        var signers = pushed.GetProperty("signed_by").GetArrayLength() == 0 ? "" : $", signed by {Join(pushed.GetProperty("signed_by"))}";
        context.Out.WriteLine($"{origin}: {name}{pushed.GetProperty("sha256").GetString()} {(pushed.GetProperty("outcome").GetString() == "pushed" ? "pushed" : "was there already")}{signers}");
    }

    public static void WriteVerification(CliContext context, JsonElement verification)
    {
        var findings = verification.GetProperty("findings");
        foreach (var finding in findings.EnumerateArray()) context.Out.WriteLine($"{finding.GetProperty("flaw").GetString()}: {finding.GetProperty("message").GetString()}");
        var count = findings.GetArrayLength();
        context.Out.WriteLine($"{verification.GetProperty("contents").GetInt32()} contents with {verification.GetProperty("bytes").GetInt64()} bytes were read: {(count == 0 ? "all is well" : count == 1 ? "1 thing is wrong" : $"{count} things are wrong")}");
    }

    public static void WriteCollection(CliContext context, JsonElement collection)
    {
        var removed = collection.GetProperty("removed");
        foreach (var module in removed.EnumerateArray())
            context.Out.WriteLine($"{module.GetProperty("sha256").GetString()}  {module.GetProperty("bytes").GetInt64(),10}  {NamesOf(module)}".TrimEnd());
        var done = collection.GetProperty("dry_run").GetBoolean() ? "would be deleted" : "were deleted";
        context.Out.WriteLine(
            $"{removed.GetArrayLength()} contents with {collection.GetProperty("bytes").GetInt64()} bytes and {Number("leftovers")} unfinished files {done}; "
            + $"{Number("used")} are used by topologies of the log, {Number("named")} others have names, {Number("young")} others are too young, {Number("busy")} others are just being used");

        int Number(string name) => collection.GetProperty(name).GetInt32();
    }

    private static IEnumerable<string[]> RowsOf(JsonElement module)
    {
        var hash = module.GetProperty("sha256").GetString()![..ShortHash];
        var kept = module.GetProperty("kept").GetBoolean();
        var (bytes, signers) = (kept ? $"{module.GetProperty("bytes").GetInt64()}" : "collected", Join(module.GetProperty("signed_by")));
        var used = Join(module.GetProperty("agents"));
        if (module.TryGetProperty("topologies", out var topologies)) used = $"{used}{(used.Length == 0 ? "" : "; ")}{topologies.GetArrayLength()} topologies";
        var names = module.GetProperty("names").EnumerateArray().ToArray();
        if (names.Length == 0) yield return ["-", module.GetProperty("kind").GetString() == "folder" ? "(folder)" : "-", hash, bytes, kept ? At(module.GetProperty("kept_at")) : "-", signers, used];
        foreach (var name in names) yield return [name.GetProperty("name").GetString()!, name.GetProperty("version").GetString()!, hash, bytes, At(name.GetProperty("pushed_at")), signers, used];
    }

    private static IEnumerable<(string Name, string Value)> Pairs(JsonElement module)
    {
        yield return ("sha256", module.GetProperty("sha256").GetString()!);
        yield return ("kind", module.GetProperty("kind").GetString()!);
        yield return ("size", $"{module.GetProperty("bytes").GetInt64()} bytes{(module.GetProperty("kept").GetBoolean() ? "" : ", collected")}");
        foreach (var name in module.GetProperty("names").EnumerateArray())
            yield return ("name", $"{name.GetProperty("name").GetString()}@{name.GetProperty("version").GetString()}, pushed {At(name.GetProperty("pushed_at"))} from {name.GetProperty("origin").GetString()}");
        if (module.TryGetProperty("kept_at", out var at)) yield return ("last asked for", At(at));
        yield return ("signatures", module.GetProperty("signatures").GetInt32() is var count && count == 0 ? "none"
            : $"{count}, {(module.GetProperty("signed_by").GetArrayLength() == 0 ? "none of a trusted key" : $"by {Join(module.GetProperty("signed_by"))}")}");
        if (module.TryGetProperty("parts", out var parts))
            foreach (var part in parts.EnumerateArray()) yield return (part.GetProperty("main").GetBoolean() ? "main part" : "part", $"{part.GetProperty("name").GetString()}, {part.GetProperty("sha256").GetString()}");
        yield return ("agents", module.GetProperty("agents").GetArrayLength() == 0 ? "none" : Join(module.GetProperty("agents")));
    }

    private static string NamesOf(JsonElement module) =>
        string.Join(' ', module.GetProperty("names").EnumerateArray().Select(name => $"{name.GetProperty("name").GetString()}@{name.GetProperty("version").GetString()}"));

    private static string At(JsonElement time) => time.GetDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static string Join(JsonElement texts) => string.Join(", ", texts.EnumerateArray().Select(text => text.GetString()));
}
