namespace AkkaWasm.Service.Wast.Running;

/// <summary>What came of one command of a script.</summary>
internal abstract record Verdict
{
    public static readonly Verdict Passed = new Pass();

    public static Verdict Failed(string expected, string got) => new Failure(expected, got);

    /// <summary>It came as the script says.</summary>
    internal sealed record Pass : Verdict;

    /// <summary>It came otherwise.</summary>
    /// <param name="Expected">What the script says.</param>
    /// <param name="Got">What came.</param>
    internal sealed record Failure(string Expected, string Got) : Verdict;

    /// <summary>It came otherwise for a reason that is known and not ours.</summary>
    /// <param name="Reason">The reason.</param>
    internal sealed record Skip(string Reason) : Verdict;
}
