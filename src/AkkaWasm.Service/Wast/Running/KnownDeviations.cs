namespace AkkaWasm.Service.Wast.Running;

/// <summary>What the engine library does otherwise than the official suite says: each with its reason, each counted as skipped.</summary>
internal static class KnownDeviations
{
    private static readonly Dictionary<(string File, int Line), string> ByPlace = new()
    {
        [("custom/metadata.code.branch_hint/branch_hint.wast", 85)] = "the library takes branch hints as hints: it does not check that each lies at a branch",
    };

    /// <summary>How many commands of the official suite they are.</summary>
    public static int Count => ByPlace.Count;

    /// <summary>Why the command at that place may fail, or null.</summary>
    public static string? ReasonAt(ScriptPlace place)
    {
        var file = place.File.Replace('\\', '/');
        foreach (var ((name, line), reason) in ByPlace)
        {
            if (line == place.Line && (file == name || file.EndsWith($"/{name}", StringComparison.Ordinal))) return reason;
        }
        return null;
    }
}
