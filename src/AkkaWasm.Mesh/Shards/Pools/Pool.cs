using System.Collections.Immutable;
using System.Globalization;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// What a shard knows of a pool: who has which partition, and of each event that waits for a member by its key, in which partition it is. When a partition
/// changes hands, what waits stays with the member that it waits for; what comes later waits for the new one, and is held until the older ones are handled.
/// </summary>
internal sealed class Pool
{
    private readonly Dictionary<long, int> partitionOf = [];
    private readonly List<Run>?[] runs;
    private readonly List<AgentEntry?> entries = [];

    public Pool(PoolRecord first)
    {
        runs = new List<Run>?[first.Owners.Length];
        (Last, Members) = (first, first.Members);
    }

    public string Name => Last.Definition;

    /// <summary>The record that says who has which partition.</summary>
    public PoolRecord Last { get; private set; }

    /// <summary>The members that have a partition, by their numbers, rising.</summary>
    public ImmutableArray<int> Members { get; private set; }

    /// <summary>How many events wait for members by their keys.</summary>
    public int Waiting => partitionOf.Count;

    /// <summary>Since when there is little to do, nanoseconds since the Unix epoch, or null; known only while the shard runs.</summary>
    public long? QuietSinceNs { get; set; }

    /// <summary>What goes over to members that are born in the same append.</summary>
    public Dictionary<int, List<long>> ForUnborn { get; } = [];

    /// <summary>The number of a member in its pool.</summary>
    /// <returns>Whether an agent with such a key can be one.</returns>
    public static bool TryNumber(string? key, out int member) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out member) && member > 0;

    public static string KeyOf(int member) => member.ToString(CultureInfo.InvariantCulture);

    public void Assign(PoolRecord record) => (Last, Members) = (record, record.Members);

    /// <summary>The pool has another name; its members are who they were.</summary>
    public void Rename(string name) => Last = Last with { Definition = name };

    /// <summary>The agent that is a member, looked up once.</summary>
    public AgentEntry? Entry(int member, Func<string, AgentEntry?> find, Func<int, string> nameOf)
    {
        while (entries.Count <= member) entries.Add(null);
        return entries[member] ??= find(nameOf(member));
    }

    /// <summary>An event waits from here on for a member.</summary>
    public void Add(PoolWait wait)
    {
        partitionOf.Add(wait.Offset, wait.Partition);
        var queue = runs[wait.Partition] ??= [];
        if (queue is not [.., var last] || last.Member != wait.Member) queue.Add(last = new Run(wait.Member, wait.Offset));
        last.Count++;
    }

    /// <summary>Of a partition all that waits after an offset waits for another member from here on.</summary>
    /// <returns>The events, in the order of the log, each with the member that it waited for.</returns>
    public List<PoolWait> Hand(PoolHandover handed, int to)
    {
        if (runs[handed.Partition] is not { } before) return [];
        var all = partitionOf.Where(w => w.Value == handed.Partition).Select(w => new PoolWait(w.Key, w.Value, before.FindLast(run => run.From <= w.Key)!.Member)).OrderBy(w => w.Offset).ToList();
        runs[handed.Partition] = null;
        foreach (var wait in all)
        {
            partitionOf.Remove(wait.Offset);
            Add(wait.Offset > handed.After ? wait with { Member = to } : wait);
        }
        return [.. all.Where(wait => wait.Offset > handed.After && wait.Member != to)];
    }

    /// <summary>The members that events of a partition wait for.</summary>
    public IEnumerable<int> WaitedFor(int partition) => runs[partition] is { } queue ? queue.Select(run => run.Member).Distinct() : [];

    public bool Has(long offset) => partitionOf.ContainsKey(offset);

    /// <summary>An event waits no more for a member.</summary>
    /// <returns>The member that may go on because of that, or null.</returns>
    public int? Remove(long offset, int member)
    {
        if (!partitionOf.TryGetValue(offset, out var partition)) return null;
        var queue = runs[partition]!;
        var place = queue.FindLastIndex(run => run.From <= offset);
        if (queue[place].Member != member) return null;
        partitionOf.Remove(offset);
        if (--queue[place].Count > 0) return null;
        queue.RemoveAt(place);
        if (queue.Count == 0) runs[partition] = null;
        return place == 0 && queue.Count > 0 ? queue[0].Member : null;
    }

    /// <summary>Whether an event has to wait until another member has handled older ones of its partition.</summary>
    public bool IsHeld(long offset) => BlockerOf(offset) is not null;

    /// <summary>The member that has to handle older events of the partition first, or null.</summary>
    public int? BlockerOf(long offset) =>
        partitionOf.TryGetValue(offset, out var partition) && runs[partition] is [var first, var second, ..] && offset >= second.From ? first.Member : null;

    /// <summary>How many partitions wait for a member that does not have them any more.</summary>
    public int Moving
    {
        get
        {
            var moving = 0;
            for (var i = 0; i < runs.Length; i++)
                if (runs[i] is { } queue && queue.Exists(run => run.Member != Last.Owners[i])) moving++;
            return moving;
        }
    }

    /// <summary>What waits, in the order of the log.</summary>
    public IEnumerable<PoolWait> Waits() => partitionOf.OrderBy(w => w.Key).Select(w => new PoolWait(w.Key, w.Value, runs[w.Value]!.FindLast(run => run.From <= w.Key)!.Member));

    /// <summary>Events of one partition that follow each other and wait for one member.</summary>
    private sealed class Run(int member, long from)
    {
        public int Member => member;

        /// <summary>Offset of the first.</summary>
        public long From => from;

        public int Count { get; set; }
    }
}
