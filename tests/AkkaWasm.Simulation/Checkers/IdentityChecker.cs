using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>No two events have the same source and id.</summary>
internal sealed class IdentityChecker : Checker
{
    public override string Promise => "ids are unique";

    public override void Check(History history)
    {
        var identity = history.Mesh.Shard.Identity;
        foreach (var twins in history.Events.GroupBy(e => (identity.SourceOf(e), identity.IdOf(e))))
            Require(twins.Count() == 1 || (twins.All(e => e.Origin == EventOrigin.External) && twins.Zip(twins.Skip(1)).All(pair => history.IsForgotten(pair.First.Offset, pair.Second.Offset))), $"the events at {List(twins.Select(e => e.Offset))} have the id '{twins.Key}'.");
    }
}
