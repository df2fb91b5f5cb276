using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Checks the bounds of a pool.</summary>
internal static class PoolCheck
{
    public static void Check(List<TopologyProblem> problems, string path, AgentDefinition agent)
    {
        if (agent.Pool is not { } pool) return;
        if (agent.Key is not null)
            problems.Add(new($"{path}.pool", $"'{agent.Name}' has a key of its own and is a family; a family has an agent for each key and cannot be a pool: leave out key or pool."));
        if (agent.SubscribeFrom.Kind != SubscriptionStartKind.Now)
            problems.Add(new($"{path}.subscribe-from", $"'{agent.Name}' is a pool, and its partitions move between members while events come, so that none from before can be put among them; write now."));
        path = $"{path}.pool";
        if (pool.Key.TopicToken is < 0 or > TopicName.MaxTokens) problems.Add(new($"{path}.key", $"The key names token {pool.Key.TopicToken}; 1 to {TopicName.MaxTokens} are possible."));
        if (pool.Partitions is < 1 or > PoolPolicy.MostPartitions)
            problems.Add(new($"{path}.partitions", $"{pool.Partitions} partitions are not possible; 1 to {PoolPolicy.MostPartitions} are."));
        if (pool.Min < 1 || pool.Size < pool.Min || pool.Max < pool.Size || pool.Partitions < pool.Max)
            problems.Add(new(path, $"1 ≤ min ≤ size ≤ max ≤ partitions must hold, but min is {pool.Min}, size {pool.Size}, max {pool.Max} and partitions {pool.Partitions}."));
        if (pool.GrowLag < 1 || pool.ShrinkLag < 1 || pool.ShrinkLag > pool.GrowLag)
            problems.Add(new(path, $"shrink-lag must be 1 or more and at most grow-lag, but shrink-lag is {pool.ShrinkLag} and grow-lag {pool.GrowLag}; grow-lag = null stands for none."));
        if (pool.GrowAge <= TimeSpan.Zero || pool.ShrinkAge <= TimeSpan.Zero || pool.ShrinkAge > pool.GrowAge)
            problems.Add(new(path, "shrink-age must be longer than 0 and at most grow-age; grow-age = null stands for none."));
        if (pool.ShrinkAfter <= TimeSpan.Zero) problems.Add(new($"{path}.shrink-after", "The time must be longer than 0; null stands for never."));
        if (pool.CoolDown < TimeSpan.Zero) problems.Add(new($"{path}.cool-down", "The time must be 0 or more; 0 stands for none."));
    }
}
