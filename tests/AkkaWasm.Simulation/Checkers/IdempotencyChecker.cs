namespace AkkaWasm.Simulation.Checkers;

/// <summary>An id that was acknowledged is not taken for another content.</summary>
internal sealed class IdempotencyChecker : Checker
{
    public override string Promise => "the same id with another content is refused";

    public override void Check(History history) =>
        Require(history.Seen.ConflictsTaken.Count == 0, $"taken were {string.Join(", ", history.Seen.ConflictsTaken)}, each known with another content.");
}
