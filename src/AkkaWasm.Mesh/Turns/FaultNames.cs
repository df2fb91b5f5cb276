namespace AkkaWasm.Mesh.Turns;

/// <summary>The words for kinds of faults in reports and events.</summary>
public static class FaultNames
{
    private static readonly Dictionary<FaultKind, string> Names = new()
    {
        [FaultKind.Trap] = "trap",
        [FaultKind.UncaughtException] = "uncaught-exception",
        [FaultKind.Status] = "status",
        [FaultKind.Failed] = "failed",
        [FaultKind.Deadline] = "deadline",
        [FaultKind.Fuel] = "fuel",
        [FaultKind.Limit] = "limit",
        [FaultKind.Capability] = "capability",
        [FaultKind.BadArgument] = "bad-argument",
        [FaultKind.Operating] = "operating",
    };

    /// <summary>The kind that a word stands for; <see cref="FaultKind.Operating"/> for one that is not known.</summary>
    internal static FaultKind KindOf(string? word) => Names.FirstOrDefault(n => n.Value == word, new(FaultKind.Operating, "")).Key;

    /// <summary>The kebab-case word for a kind.</summary>
    public static string Of(FaultKind kind) => Names[kind];
}
