namespace AkkaWasm.Service.Wast.Running;

/// <summary>A command that did not come as its script says.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Expected">What the script says.</param>
/// <param name="Got">What came.</param>
internal sealed record ScriptFailure(ScriptPlace Place, string Expected, string Got)
{
    /// <summary>As <c>core/call.wast:12:3: expected (i32.const 1), got (i32.const 2)</c>.</summary>
    public override string ToString() => $"{Place}: expected {Expected}, got {Got}";
}

/// <summary>What came of one script. Other commands than assertions count only if they fail.</summary>
/// <param name="File">The script, as it was named.</param>
/// <param name="Passed">Assertions that hold.</param>
/// <param name="Failed">Assertions that do not hold, and other commands that failed.</param>
/// <param name="Skipped">Assertions that the engine library is known to see otherwise, by <see cref="KnownDeviations"/>.</param>
/// <param name="FirstFailure">The first that failed, or null.</param>
/// <param name="SkipReasons">Why some were skipped, each reason once.</param>
internal sealed record ScriptReport(string File, int Passed, int Failed, int Skipped, ScriptFailure? FirstFailure, IReadOnlyList<string> SkipReasons)
{
    /// <summary>Actions, and refusals of imports, that came to the same on composed modules; 0 unless these are looked at.</summary>
    public int Compared { get; init; }

    /// <summary>The report of a script that cannot be read.</summary>
    public static ScriptReport Unreadable(string file, ScriptException error) =>
        new(file, 0, 1, 0, new ScriptFailure(error.Place, "a script", error.Reason), []);
}
