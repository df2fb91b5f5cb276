using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <summary>
/// Names of agents by their numbers, those included that they had in earlier lives. The shard's actor writes, any thread reads. A shard that recovers writes all again: what was
/// not committed may have got another number.
/// </summary>
internal sealed class AgentNames
{
    private volatile Names[] all = [];
    private int count;
    private int renames;

    public int Count => Volatile.Read(ref count);

    /// <summary>The name that an agent has.</summary>
    public string this[int agent] => all[agent].Of.Present;

    /// <summary>The name that an agent had in one of its lives.</summary>
    public string In(int agent, int incarnation) => all[agent].Of.In(incarnation);

    /// <summary>All names that an agent has and had.</summary>
    public IEnumerable<string> AllOf(int agent) => all[agent].Of.All;

    /// <summary>Learns from the shard who was born or renamed since.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="known">How many agents are known to be what they were; those that were renamed are looked for in any case.</param>
    /// <returns>How many agents there are.</returns>
    public int Learn(Shard shard, int known)
    {
        if (renames != shard.Renames) known = 0;
        renames = shard.Renames;
        for (; shard.NamesOf(known) is { } names; known++) Set(known, names);
        return known;
    }

    private void Set(int number, NamesOfAgent names)
    {
        if (number < count && all[number].Of == names) return;
        var grown = all;
        if (number >= grown.Length)
        {
            Array.Resize(ref grown, Math.Max(64, number * 2));
            all = grown;
        }
        grown[number] = new Names(names);
        if (number >= count) Volatile.Write(ref count, number + 1);
    }

    private sealed record Names(NamesOfAgent Of);
}
