using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Deals partitions out to members.</summary>
internal static class PoolAssignment
{
    /// <summary>
    /// Who has which partition when the members are these: each as many as the others, or one more, and as few change hands as that takes. Of a member
    /// that gives some away the last ones go.
    /// </summary>
    /// <param name="owners">Who has which now; empty if nobody has any.</param>
    /// <param name="partitions">How many there are.</param>
    /// <param name="members">The members, 1 or more, rising.</param>
    public static ImmutableArray<int> Over(ImmutableArray<int> owners, int partitions, IReadOnlyCollection<int> members)
    {
        var held = members.ToDictionary(member => member, _ => 0);
        var dealt = new int[partitions];
        for (var i = 0; i < partitions && !owners.IsDefaultOrEmpty; i++)
        {
            if (!held.TryGetValue(owners[i], out var count)) continue;
            dealt[i] = owners[i];
            held[owners[i]] = count + 1;
        }
        var quota = Quotas(held, partitions);
        for (var i = partitions - 1; i >= 0; i--)
        {
            if (dealt[i] == 0 || held[dealt[i]] <= quota[dealt[i]]) continue;
            held[dealt[i]]--;
            dealt[i] = 0;
        }
        var takers = new Queue<int>(members.Where(m => held[m] < quota[m]));
        for (var i = 0; i < partitions; i++)
        {
            if (dealt[i] != 0) continue;
            var taker = takers.Dequeue();
            dealt[i] = taker;
            if (++held[taker] < quota[taker]) takers.Enqueue(taker);
        }
        return [.. dealt];
    }

    /// <summary>What does not divide evenly stays with those who have most.</summary>
    private static Dictionary<int, int> Quotas(Dictionary<int, int> held, int partitions)
    {
        var (each, more) = (partitions / held.Count, partitions % held.Count);
        return held.OrderByDescending(h => h.Value).ThenBy(h => h.Key).Select((h, place) => (h.Key, Quota: each + (place < more ? 1 : 0))).ToDictionary(q => q.Key, q => q.Quota);
    }
}
