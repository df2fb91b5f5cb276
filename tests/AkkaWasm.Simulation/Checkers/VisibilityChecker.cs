namespace AkkaWasm.Simulation.Checkers;

/// <summary>Acknowledgements, answers and the broadcast rest on what was synced at that moment, and what subscribers saw is what the log holds in the end.</summary>
internal sealed class VisibilityChecker : Checker
{
    public override string Promise => "nothing is shown before its commit";

    public override void Check(History history)
    {
        foreach (var shown in history.Seen.Shown)
            Require(shown.RestsOn <= shown.Durable, $"{shown.What} was shown that rests on the record at {shown.RestsOn}, when the log was safe up to {shown.Durable}.");
        var events = history.Events.DistinctBy(e => e.Offset).ToDictionary(e => e.Offset);
        foreach (var (offset, topic, id) in history.Seen.Broadcast)
        {
            var found = events.GetValueOrDefault(offset);
            Require(found?.Topic == topic && history.Mesh.Shard.Identity.IdOf(found) == id, $"subscribers saw '{topic}' ({id}) at {offset}; the log has '{found?.Topic ?? "nothing"}' there.");
        }
    }
}
