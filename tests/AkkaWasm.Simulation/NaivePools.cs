using System.Globalization;
using System.IO.Hashing;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>What belongs to whom in a pool, said as simply as it can be.</summary>
internal static class NaivePools
{
    /// <summary>Whether an event is for the members of a pool by its key, and not for one of them alone.</summary>
    public static bool IsFor(AgentDefinition pool, MeshEvent e) => e.Topic == $"mesh.inbox.{pool.Name}" || pool.Subscriptions.Any(p => NaiveTopics.Matches(p, e.Topic));

    public static string KeyOf(AgentDefinition pool, MeshEvent e)
    {
        if (e.Origin == EventOrigin.Direct) return e.Agent.ToString(CultureInfo.InvariantCulture);
        if (pool.Pool!.Key.TopicToken == 0) return e.Subject ?? "";
        var topic = e.Origin == EventOrigin.Released && e.Extensions.FirstOrDefault(x => x.Key == "originaltype").Value is { } original ? original : e.Topic;
        return topic.Split('.').ElementAtOrDefault(pool.Pool.Key.TopicToken - 1) ?? "";
    }

    public static int PartitionOf(AgentDefinition pool, MeshEvent e) => (int)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(KeyOf(pool, e))) % (ulong)pool.Pool!.Partitions);
}
