using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>What the node tells of itself.</content>
public sealed partial class Shard
{
    /// <summary>Says on <c>mesh.node.damaged</c> that something of what is stored was found to be damaged.</summary>
    /// <param name="what">One sentence: what and where.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void NoteDamage(string what, long now)
    {
        Advance(now);
        AppendEvent(new MeshEvent { Topic = AgentName.Node("damaged"), Data = LifecycleData.Node(what), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle });
    }
}
