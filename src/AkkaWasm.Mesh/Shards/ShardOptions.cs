namespace AkkaWasm.Mesh.Shards;

/// <summary>The limits of a shard. Every one has a name, a unit and a default.</summary>
public sealed record ShardOptions
{
    /// <summary>Name of the mesh, part of derived ids.</summary>
    public string MeshName { get; init; } = "mesh";

    /// <summary>Number of the shard.</summary>
    public int Shard { get; init; }

    /// <summary>Written into each block: engine with version and options, processor architecture, node.</summary>
    public string Writer { get; init; } = "";

    /// <summary>Largest payload of an event, bytes; 1 MiB.</summary>
    public int MaxEventBytes { get; init; } = 1 << 20;

    /// <summary>Most events in a published batch; 10,000.</summary>
    public int MaxBatchEvents { get; init; } = 10_000;

    /// <summary>How many records may wait for their commit before no more inputs are handed out; 100,000.</summary>
    public int MaxUncommitted { get; init; } = 100_000;

    /// <summary>How many deliveries may wait before publishers from outside are refused; 200,000.</summary>
    public int MaxBacklog { get; init; } = 200_000;

    /// <summary>How many publishers may wait for their answers at once; further ones are refused until some have theirs; 100,000.</summary>
    public int MaxWaitingPublishers { get; init; } = 100_000;

    /// <summary>How many causes may stand behind an event before it is put aside; 64.</summary>
    public int MaxCausalDepth { get; init; } = 64;

    /// <summary>How many events may be put aside for an agent, 1 or more; then the oldest leaves quarantine, and stays in the log; 1,000.</summary>
    public int MaxQuarantine { get; init; } = 1_000;

    /// <summary>How many of the last changes of the topology are remembered, for who asks what was changed, 1 to <see cref="MostRememberedChanges"/>; 100.</summary>
    public int RememberedChanges { get; init; } = 100;

    /// <summary>Most that <see cref="RememberedChanges"/> may be: all of them are in every saved state, with up to <see cref="TopologyChangeRecord.MaxText"/> characters each; 10,000.</summary>
    public const int MostRememberedChanges = 10_000;

    /// <summary>
    /// How many turns an agent may make without being saved because <see cref="Topology.AgentDefinition.SnapshotAtMostEvery"/> says to wait, or its
    /// <see cref="Topology.AgentDefinition.SnapshotEveryTurns"/> if that is more; 1 or more; 50,000. They are memory of the shard, some 24 bytes each, and are run again after a crash.
    /// </summary>
    public int MaxHeldTurns { get; init; } = 50_000;

    /// <summary>How many publishers are taken in at a time, before what else waits for the shard, a commit above all; 1 to <see cref="MostPublishersAtATime"/>; 128.</summary>
    public int PublishersAtATime { get; init; } = 128;

    /// <summary>Most that <see cref="PublishersAtATime"/> may be: others wait as long as they take; 100,000.</summary>
    public const int MostPublishersAtATime = 100_000;

    /// <summary>How many agents' health is looked at at a time, of those that have something to do or are not well, 1 or more; the others the next time; 20,000.</summary>
    public int MaxHealthLooks { get; init; } = 20_000;

    /// <summary>How many agents may be asked for in an order, the first of them, 1 or more; 1,000.</summary>
    public int MaxTopAgents { get; init; } = 1_000;

    /// <summary>How many agents that have nothing to do are gone through to fill up an answer that has fewer than were asked for, 0 or more; 100,000.</summary>
    public int MaxTopScan { get; init; } = 100_000;

    /// <summary>How many events may be released or dropped from quarantine together, in one append, 1 or more; 10,000.</summary>
    public int MaxReleased { get; init; } = 10_000;

    /// <summary>How many turns may stand between the image and the end of a state that an agent goes back to, and how many may be handled again; 100,000.</summary>
    public int MaxRewindTurns { get; init; } = 100_000;

    /// <summary>
    /// How long agents that are awake may take to get ready for another definition, the turn included that is under way, before the change is refused; more
    /// than 0; 10 s.
    /// </summary>
    public TimeSpan ReplaceTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a member of a pool waits until another one has handled older events of the same keys; not only where it is to be seen that this is noticed.</summary>
    internal bool HoldsMovedPartitions { get; init; } = true;

    /// <summary>Whether a pool keeps its members while a change of it is watched; not only where it is to be seen that this is noticed.</summary>
    internal bool KeepsWatchedPools { get; init; } = true;

    /// <summary>Whether agents change only what they may; not only where it is to be seen that this is noticed.</summary>
    internal bool BoundsIntegration { get; init; } = true;

    /// <summary>Most that <see cref="MailboxWindow"/> may be: how far back an agent remembers the timers it took back; 4,096.</summary>
    public const int MaxMailboxWindow = 4_096;

    /// <summary>How many events an agent is given ahead, 1 to <see cref="MaxMailboxWindow"/>; 128.</summary>
    public int MailboxWindow { get; init; } = 128;

    /// <summary>
    /// How many events from before a subscription are looked for at a time, 2 or more; the next when the agents have handled half of them; 1,000.
    /// </summary>
    public int PastEventsAhead { get; init; } = 1_000;

    /// <summary>How many agents may be awake, 1 or more: at this limit the least recently used idle ones are put to sleep; no bound.</summary>
    public int MaxAwake { get; init; } = int.MaxValue;

    /// <summary>
    /// How many places of <see cref="MaxAwake"/> are kept free by putting idle agents to sleep ahead of need, at most one of a hundred, so that one that
    /// wakes need not wait for another to be saved; 100. 0 for none.
    /// </summary>
    public int SpareAwake { get; init; } = 100;

    /// <summary>How much of the log's end is kept in memory, bytes; 256 MiB.</summary>
    public long LogWindowBytes { get; init; } = 256L << 20;

    /// <summary>How many ids of published events are remembered, 1 to <see cref="MostIdempotencyKeys"/>; 10 million.</summary>
    public int IdempotencyKeys { get; init; } = 10_000_000;

    /// <summary>Most that <see cref="IdempotencyKeys"/> may be: a saved state is read as one piece of less than 2 GiB, of which each id takes 40 bytes; 40 million.</summary>
    public const int MostIdempotencyKeys = 40_000_000;

    /// <summary>How long the id of a published event is remembered; 7 days.</summary>
    public TimeSpan IdempotencyWindow { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// After how many records the shard's own state is saved; 200,000. When it has more than 200,000 entries, remembered ids and turns since the agents' images above all, it is saved after as
    /// many records more: to write it takes about one step per entry, and so it never costs more than the records themselves.
    /// </summary>
    public int StateEveryRecords { get; init; } = 200_000;

    /// <summary>How many agents of a state that is saved are written down at a time, while others wait for the shard; 1,000, which takes about a millisecond.</summary>
    public int CaptureAgentsAtATime { get; init; } = 1_000;

    /// <summary>How many images of agents may be on their way to the snapshot store; when so many wait they go at once; 256.</summary>
    public int MaxImagesInFlight { get; init; } = 256;

    /// <summary>
    /// How long after images were begun to be saved the next wait for more to go with them, zero or more; 100 ms. What a crash finds unsaved is made anew from the log.
    /// </summary>
    public TimeSpan SaveImagesEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Images with more memory than this are written as a manifest and the pages that changed, others whole; bytes, 64 KiB.</summary>
    public long MaxWholeImageBytes { get; init; } = 64 << 10;

    /// <summary>After how many images that were written as pages the pages that no image has any more are deleted; 1,000.</summary>
    public int SweepEveryImages { get; init; } = 1_000;

    /// <summary>Most bytes of an event's data that a dead letter repeats; of larger ones it says the size, and the event is found by its position; 64 KiB.</summary>
    public int MaxDeadLetterBytes { get; init; } = 64 << 10;

    /// <summary>How many records fill a block; 20,000. What is appended together is never divided, so a block may have more.</summary>
    public int MaxBlockRecords { get; init; } = 20_000;

    /// <summary>Size at which a block is full, bytes; 8 MiB. A single append may exceed it.</summary>
    public int MaxBlockBytes { get; init; } = 8 << 20;

    /// <exception cref="ArgumentOutOfRangeException">A limit that has a range is out of it.</exception>
    internal void Check()
    {
        Require("mailbox-window", MailboxWindow, MaxMailboxWindow);
        Require("max-awake", MaxAwake, int.MaxValue);
        Require("idempotency-keys", IdempotencyKeys, MostIdempotencyKeys);
        Require("remembered-changes", RememberedChanges, MostRememberedChanges);
        Require("max-held-turns", MaxHeldTurns, int.MaxValue);
        Require("publishers-at-a-time", PublishersAtATime, MostPublishersAtATime);
    }

    private static void Require(string name, int value, int most)
    {
        if (value >= 1 && value <= most) return;
        throw new ArgumentOutOfRangeException(name, $"{name} is {value}; {(most == int.MaxValue ? "1 or more" : $"1 to {most}")} are possible.");
    }
}
