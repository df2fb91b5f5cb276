using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Where the actor of an agent is; known only while the shard runs, not part of the log.</summary>
internal enum AgentPhase : byte
{
    Asleep,
    Waiting,
    Queued,
    Planning,
    Starting,
    Running,
}

/// <summary>
/// What the shard knows of one agent. The first part follows from the log, the second is of the running process. There may be millions, most of them
/// asleep: what few agents need, and what only those need that are awake, is made on demand and given back by <see cref="Rest"/>.
/// </summary>
internal sealed class AgentEntry(int number, string name, string definitionName, string? key, int parent)
{
    private static readonly SortedDictionary<long, QuarantinedEvent> NoQuarantine = [];

    private SortedDictionary<long, QuarantinedEvent>? quarantine;
    private LinkedListNode<AgentEntry>? place;

    public int Number => number;

    public string Name => Names.Present;

    /// <summary>The name that it has, and those that it had.</summary>
    public NamesOfAgent Names { get; set; } = new(name);

    public string DefinitionName { get; set; } = definitionName;

    public string? Key => key;

    /// <summary>Whether it was forked from another one: it has a name of its own.</summary>
    public bool IsFork => Key is null && Name != DefinitionName;

    /// <summary>Number of the agent that started it, or -1.</summary>
    public int Parent => parent;

    public AgentDefinition Definition { get; set; } = null!;

    public int DefinitionIndex { get; set; }

    /// <summary>An older definition of which it has all that its guest sees; null where it runs what its definition says.</summary>
    public AgentDefinition? RunsAs { get; set; }

    /// <summary>Offset of the record that says so.</summary>
    public long RunsAsSince { get; set; } = Position.None;

    /// <summary>It turned out that it cannot go back to a version before the present one.</summary>
    public bool HasNoWayBack { get; set; }

    public int Incarnation { get; set; }

    /// <summary>The first incarnation from which on the guest has seen the same definition as now, and a digest of what it sees.</summary>
    public (int Incarnation, ulong Digest) SeenSince { get; set; } = (1, 0);

    /// <summary>The same of the definitions before that, the oldest first; empty for most agents.</summary>
    public ImmutableArray<(int Incarnation, ulong Digest)> SeenBefore { get; set; } = [];

    /// <summary>A digest of what the guest saw of its definition in one of its lives; 0 where that is not known.</summary>
    public ulong SeenIn(int incarnation)
    {
        if (incarnation >= SeenSince.Incarnation) return SeenSince.Digest;
        for (var i = SeenBefore.Length - 1; i >= 0; i--)
            if (SeenBefore[i].Incarnation <= incarnation) return SeenBefore[i].Digest;
        return 0;
    }

    public bool Stopped { get; set; }

    /// <summary>Offset of the event for turn 0 while that is to come, or -1.</summary>
    public long Init { get; set; } = Position.None;

    /// <summary>The record that begins a life was applied; its first event follows.</summary>
    public bool AwaitsStart { get; set; }

    /// <summary>Offset of the last event handled or put aside.</summary>
    public long Cursor { get; set; } = Position.None;

    /// <summary>Offsets of the events that wait for it, those in flight included. The events themselves stay in the log.</summary>
    public OffsetQueue Pending { get; } = new();

    public FiredTimers FiredTimers { get; } = new();

    public int PendingTimers { get; set; }

    /// <summary>Failures so far of the event that is next.</summary>
    public EventAttempts Attempts { get; set; }

    /// <summary>Failures so far of turn 0; they go on counting over incarnations.</summary>
    public EventAttempts InitAttempts { get; set; }

    public GuestFault? LastFault { get; set; }

    /// <summary>Offset of the event of the last failure.</summary>
    public long LastFailedInput { get; set; } = Position.None;

    /// <summary>An operator lets it wait.</summary>
    public bool IsPausedAlone { get; set; }

    /// <summary>An operator lets its group wait, or one above; follows from the topology and <see cref="ShardState.PausedGroups"/>.</summary>
    public bool IsPausedByGroup { get; set; }

    /// <summary>It waits, whatever comes for it.</summary>
    public bool Paused => IsPausedAlone || IsPausedByGroup;

    /// <summary>Its next turn is to fail because an operator wants to see what then happens.</summary>
    public bool CrashIsDue { get; set; }

    public bool HealPending { get; set; }

    /// <summary>How far it is to go back, decided and not done yet; null for not at all.</summary>
    public RewindTarget? Rewind { get; set; }

    /// <summary>The event that had failed when it went back to an older state, and its failures so far, while events before it are handled again.</summary>
    public (long Input, EventAttempts Attempts) FailedBefore { get; set; } = (Position.None, default);

    /// <summary>Offset of the event whose failure is being healed, and causal depth of what tells of it.</summary>
    public (long Input, int Depth) HealCause { get; set; } = (Position.None, 0);

    public long NotBeforeNs { get; set; }

    public FailureLedger Ledger { get; set; } = new();

    /// <summary>What the log says of its health; null where that is nothing.</summary>
    public AgentHealth? Health { get; set; }

    /// <summary>When the log had reached its last turn, or its beginning, nanoseconds since the Unix epoch; 0 if that was before it was noted.</summary>
    public long ActiveAtNs { get; set; }

    public long Turns { get; set; }

    public long Failures { get; set; }

    public long Healed { get; set; }

    /// <summary>The events put aside for it, by their offsets, rising.</summary>
    public IReadOnlyDictionary<long, QuarantinedEvent> Quarantine => quarantine ?? NoQuarantine;

    public long LastInput { get; set; } = Position.None;

    /// <summary>Successful turns since the saved image, in the order they were made; the first may be of lives before.</summary>
    public List<LineageTurn> Tail { get; } = [];

    /// <summary>The moves from one definition to the next among <see cref="Tail"/>, and the one that is to come.</summary>
    public ImmutableArray<LineageMove> Moves { get; set; } = [];

    /// <summary>The move that its next turn is, on the event at <see cref="Init"/>; null if that is a turn 0, or there is none.</summary>
    public LineageMove? DueMove => Init >= 0 && Moves is [.., var last] && last.Input == Init ? last : null;

    /// <summary>It gets nothing: whether it can go on under another definition is being found out.</summary>
    public bool IsPreparing { get; set; }

    /// <summary>The image that the state begins from, or null; of a life before, as long as this one has saved none of its own.</summary>
    public LineageImage? SavedImage { get; set; }

    public long ImageInput => SavedImage?.Input ?? Position.None;

    public StateHash? ImageHash => SavedImage?.Hash;

    /// <summary>Of turns on events up to this offset nothing leaves the agent: it handles them again after a rewind.</summary>
    public long SuppressedThrough { get; set; } = Position.None;

    /// <summary>Those of these events that it had not handled before: what they bring about leaves it.</summary>
    public ImmutableHashSet<long> Fresh { get; set; } = [];

    /// <summary>Offset of the event of a turn 0 of which nothing leaves the agent either, or <see cref="Position.None"/>.</summary>
    public long SuppressedStart { get; set; } = Position.None;

    /// <summary>Whether of the turn on an event nothing leaves the agent.</summary>
    public bool IsSuppressed(long input) => input == SuppressedStart || (input <= SuppressedThrough && input >= 0 && !Fresh.Contains(input));

    /// <summary>The saved images that are kept.</summary>
    public ImageCatalogue Images { get; } = new();

    /// <summary>The mesh went back to before it came to be: it is stopped, and comes to be anew with its next event.</summary>
    public bool Unborn { get; set; }

    public int RebuildFailures { get; set; }

    public AgentPhase Phase { get; set; }

    public int Token { get; set; }

    /// <summary>Events that its actor was given and has not answered: the front of <see cref="Pending"/>, or the event of turn 0.</summary>
    public Queue<MeshEvent> InFlight { get; private set; } = [];

    public bool Dirty { get; set; }

    /// <summary>Its place among the idle agents, or those that wait for room.</summary>
    public LinkedListNode<AgentEntry> Place => place ??= new LinkedListNode<AgentEntry>(this);

    /// <summary>It was told to go to sleep and gets nothing more until it did.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Its guest turned out to be one that cannot be saved.</summary>
    public bool CannotBeSaved { get; set; }

    /// <summary>Turns since it was woken.</summary>
    public int TurnsAwake { get; set; }

    /// <summary>Offset of the event that is tried again after a compaction, because on it the GC heap was exhausted; <see cref="Position.None"/> for none.</summary>
    public long CompactFor { get; set; } = Position.None;

    /// <summary>What its turns take, since it was woken; null before the first.</summary>
    public MeasuredUse? Use { get; set; }

    /// <summary>It is among those whose health is looked at.</summary>
    public bool IsNoticed { get; set; }

    public AgentImage? MemoryImage { get; set; }

    /// <summary>How far it was asked to go back, and who asked; null if nobody did.</summary>
    public (RewindTarget Target, object Ticket)? AskedRewind { get; set; }

    /// <summary>It turned out that it cannot go back as was decided.</summary>
    public bool RewindGivenUp { get; set; }

    /// <summary>From how many of its newest images the log is to lead on, where so many are wanted: more than its policy keeps in any case are not counted on.</summary>
    public int ImagesHeld(int wanted) => Definition is { } policy ? Math.Min(wanted, policy.KeepSnapshots) : wanted;

    /// <summary>A state is moved when there is something to do for it, or the agent is awake.</summary>
    public bool HasWork => !Stopped && ((Init >= 0 && DueMove is null) || Pending.Count > 0 || HealPending);

    public EventAttempts AttemptsOf(long input) => input == Init ? InitAttempts : input == FailedBefore.Input ? FailedBefore.Attempts : Attempts;

    /// <summary>Puts an event aside.</summary>
    public void PutAside(QuarantinedEvent e) => (quarantine ??= [])[e.Input] = e;

    /// <summary>Empties the quarantine.</summary>
    public void TakeAllOut() => quarantine = null;

    /// <summary>Ends the quarantine of an event.</summary>
    public void TakeOut(long input)
    {
        quarantine?.Remove(input);
        if (quarantine is { Count: 0 }) quarantine = null;
    }

    /// <summary>It has no guest any more: forgets what it was given, and gives back what only agents need that are awake.</summary>
    public void Rest()
    {
        InFlight = [];
        Pending.Trim();
        if (Tail.Count == 0) Tail.Capacity = 0;
        if (place is { List: null }) place = null;
    }

    /// <summary>Takes back an event that was handed out; the actor skips it.</summary>
    public void TakeBack(long offset)
    {
        if (InFlight.Any(e => e.Offset == offset)) InFlight = new(InFlight.Where(e => e.Offset != offset));
    }

    public AgentInfo Info => new(number, Name, Incarnation, Definition);
}
