namespace AkkaWasm.Simulation.Checkers;

/// <summary>No two events have the same source and id.</summary>
internal sealed class IdentityChecker : Checker
{
    public override string Promise => "ids are unique";

    public override void Check(History history)
    {
        var identity = history.Mesh.Shard.Identity;
        foreach (var twins in history.Events.GroupBy(e => (identity.SourceOf(e), identity.IdOf(e))))
            Require(twins.Count() == 1, $"the events at {List(twins.Select(e => e.Offset))} have the id '{twins.Key}'.");
    }
}
