using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>An acknowledged event is in the log, where the publisher was told, and once, unless the mesh went back to before it with what was published.</summary>
internal sealed class AcknowledgementChecker : Checker
{
    public override string Promise => "no acknowledged event is lost";

    public override void Check(History history)
    {
        var byId = history.Events.Where(e => e.Origin == EventOrigin.External).ToLookup(e => e.Id!, e => e.Offset);
        foreach (var (id, told) in history.Seen.Acknowledged)
        {
            var held = byId[id].ToList();
            Require(told.All(held.Contains), $"the event '{id}' was acknowledged at {List(told)}; the log has it at {List(held)}.");
            for (var i = 1; i < held.Count; i++) Require(history.IsForgotten(held[i - 1], held[i]), $"the event '{id}' is in the log at {List(held)}.");
        }
        var epochs = history.Events.DistinctBy(e => e.Offset).ToDictionary(e => e.Offset, e => e.Epoch);
        foreach (var (offset, epoch) in history.Seen.Positions)
            Require(epochs[offset] == epoch, $"the event at {offset} was acknowledged as one of epoch {epoch}; it is of epoch {epochs[offset]}.");
    }
}
