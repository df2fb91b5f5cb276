using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>An acknowledged event is in the log, once, where the publisher was told.</summary>
internal sealed class AcknowledgementChecker : Checker
{
    public override string Promise => "no acknowledged event is lost";

    public override void Check(History history)
    {
        var byId = history.Events.Where(e => e.Origin == EventOrigin.External).ToLookup(e => e.Id!, e => e.Offset);
        foreach (var (id, told) in history.Seen.Acknowledged)
        {
            Require(told.Count == 1, $"the event '{id}' was acknowledged at {List(told)}.");
            Require(byId[id].SequenceEqual(told), $"the event '{id}' was acknowledged at {List(told)}; the log has it at {List(byId[id])}.");
        }
        var epochs = history.Events.DistinctBy(e => e.Offset).ToDictionary(e => e.Offset, e => e.Epoch);
        foreach (var (offset, epoch) in history.Seen.Positions)
            Require(epochs[offset] == epoch, $"the event at {offset} was acknowledged as one of epoch {epoch}; it is of epoch {epochs[offset]}.");
    }
}
