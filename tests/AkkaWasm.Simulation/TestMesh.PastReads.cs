using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>Events from before subscriptions are looked for in the log.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<ReadPast> pastReads = [];

    private void ReadPast(ReadPast past)
    {
        var found = Store.EventsBetween(past.From, past.To).Where(past.Wants).Take(past.AtMost).ToList();
        var readThrough = found.Count == past.AtMost ? found[^1].Offset : past.To;
        if (sabotage == Sabotage.SkipsThePast && found.Count > 1) found.RemoveAt(found.Count / 2);
        Shard.PastIsRead(past, readThrough, found, NowNs);
    }
}
