namespace AkkaWasm.Service.Wast;

/// <summary>How much of everything a script may take.</summary>
internal static class ScriptLimits
{
    /// <summary>Bytes of a script. The official suite's longest has less than one million.</summary>
    public const int MaxScriptBytes = 64 << 20;

    /// <summary>Characters of a number. The official suite's longest has less than one thousand.</summary>
    public const int MaxNumberLength = 10_000;

    /// <summary>Lists within lists. What lies in a module is counted too; the library's own reader ends far before.</summary>
    public const int MaxDepth = 10_000;

    /// <summary>How long one action may run before it counts as failed.</summary>
    public static readonly TimeSpan ActionDeadline = TimeSpan.FromMinutes(1);
}
