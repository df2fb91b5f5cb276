using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads the sections that say how a node runs: limits of the log, engine, databases.</summary>
internal static class NodeSections
{
    private const int MinStackBytes = 64 << 10;
    private const int MaxStackBytes = 1 << 20;
    private const int MinBlockBytes = 64 << 10;
    private const int MaxBlockBytes = 256 << 20;
    private const int MaxThreads = 1_024;

    public static ShardOptions ReadLimits(HoconCursor section, string meshName) => new()
    {
        MeshName = meshName,
        MaxEventBytes = section.At("max-event-bytes").SmallSize(1),
        MaxBatchEvents = section.At("max-batch-events").Count(),
        MaxUncommitted = section.At("max-uncommitted").Count(),
        MaxBacklog = section.At("max-backlog").Count(),
        MaxWaitingPublishers = section.At("max-waiting-publishers").Count(),
        MaxCausalDepth = section.At("max-causal-depth").Count(),
        MaxQuarantine = section.At("max-quarantine").Count(),
        RememberedChanges = section.At("remembered-changes").AsInt(1, ShardOptions.MostRememberedChanges),
        MaxHeldTurns = section.At("max-held-turns").Count(),
        PublishersAtATime = section.At("publishers-at-a-time").AsInt(1, ShardOptions.MostPublishersAtATime),
        MaxHealthLooks = section.At("max-health-looks").Count(),
        MaxTopAgents = section.At("max-top-agents").Count(),
        MaxTopScan = section.At("max-top-scan").Count(0),
        MaxReleased = section.At("max-released").Count(),
        MaxRewindTurns = section.At("max-rewind-turns").Count(),
        ReplaceTimeout = section.At("replace-timeout").Duration(TimeSpan.FromMilliseconds(1)),
        PastEventsAhead = section.At("past-events-ahead").AsInt(2, int.MaxValue),
        MailboxWindow = section.At("mailbox-window").AsInt(1, ShardOptions.MaxMailboxWindow),
        LogWindowBytes = section.At("log-window-bytes").Size(0),
        IdempotencyKeys = section.At("idempotency-keys").AsInt(1, ShardOptions.MostIdempotencyKeys),
        IdempotencyWindow = section.At("idempotency-window").Duration(TimeSpan.Zero),
        SpareAwake = section.At("spare-awake").AsInt(0, int.MaxValue),
        StateEveryRecords = section.At("state-every-records").Count(),
        CaptureAgentsAtATime = section.At("capture-agents-at-a-time").Count(),
        MaxImagesInFlight = section.At("max-images-in-flight").Count(),
        SaveImagesEvery = section.At("save-images-every").Duration(TimeSpan.Zero),
        MaxWholeImageBytes = section.At("max-whole-image-bytes").Size(0),
        SweepEveryImages = section.At("sweep-every-images").Count(),
        MaxDeadLetterBytes = section.At("max-dead-letter-bytes").SmallSize(0),
        MaxBlockRecords = section.At("max-block-records").Count(),
        MaxBlockBytes = section.At("max-block-bytes").SmallSize(MinBlockBytes, MaxBlockBytes),
    };

    public static GuestEngineOptions ReadEngine(HoconCursor section, ConfigurationTree tree) => new()
    {
        ConsumeFuel = section.At("consume-fuel").AsBoolean(),
        CanonicalizeNan = section.At("canonicalize-nan").AsBoolean(),
        MaxStackBytes = section.At("max-stack").SmallSize(MinStackBytes, MaxStackBytes),
        Allocation = section.At("allocation").Choice(("fast", GuestAllocation.Fast), ("dense", GuestAllocation.Dense)),
        MaxMappings = section.Find("max-mappings")?.Count() ?? new GuestEngineOptions().MaxMappings,
        MaxAwake = section.Find("max-awake")?.Count() ?? 0,
        MaxMemoryBytes = section.Find("max-memory")?.Size(1) ?? 0,
        EpochTick = section.At("epoch-tick").Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1)),
        Threads = section.At("threads").AsInt(0, MaxThreads),
        CacheFolder = section.Find("cache-folder") is { } folder ? folder.AsString().Length == 0 ? "" : tree.FullPath(folder) : null,
    };

    /// <summary>How much of the log is kept.</summary>
    public static RetentionOptions ReadRetention(HoconCursor section) => new()
    {
        Time = section.Find("time")?.Duration(TimeSpan.Zero),
        Bytes = section.Find("bytes")?.Size(0),
        Snapshots = section.At("snapshots").Count(),
        Every = section.At("every").Duration(TimeSpan.FromMilliseconds(1)),
        LeastBytes = section.At("least-bytes").Size(0),
        MaxRows = section.At("max-rows").Count(),
    };

    /// <summary>How far trials go.</summary>
    public static TrialLimits ReadTrials(HoconCursor section) => new()
    {
        Turns = section.At("turns").Count(), MaxAgents = section.At("max-agents").Count(), MaxDetails = section.At("max-details").Count(0),
        MaxTime = section.At("max-time").Duration(TimeSpan.FromMilliseconds(1)),
    };

    /// <summary>The database of the log or of the snapshots; null for SQLite in the data folder.</summary>
    public static StoreOptions? ReadStore(HoconCursor section)
    {
        var (provider, connection) = (section.Find("provider"), section.Find("connection-string"));
        if (provider is null && connection is null) return null;
        if (provider is null || connection is null)
            throw new HoconException($"'{section.Path}' says only one of provider and connection-string", (provider ?? connection)!.Origin, "say both, or neither for SQLite in the data folder");
        var store = new StoreOptions(provider.AsString(), connection.AsString());
        if (store.FindProblem() is not { } problem) return store;
        var (what, remedy) = (problem[..problem.IndexOf(';', StringComparison.Ordinal)], problem[(problem.IndexOf(';', StringComparison.Ordinal) + 2)..]);
        throw new HoconException($"'{section.Path}' cannot be used: {what}", connection.Origin, remedy);
    }
}
