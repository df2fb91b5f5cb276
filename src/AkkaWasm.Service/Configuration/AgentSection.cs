using System.Collections.Immutable;
using System.Globalization;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>An agent as the configuration says it, before its module is read.</summary>
/// <param name="Definition">The agent; hash and file of its module and hashes of its folders are still missing.</param>
/// <param name="Module">Where its module is named, or null if it is not.</param>
/// <param name="Folders">Folders that it may read.</param>
/// <param name="Origin">Where the agent is defined.</param>
internal sealed record ConfiguredAgent(AgentDefinition Definition, ModuleReferenceInFile? Module, ImmutableArray<FolderReference> Folders, HoconOrigin Origin);

/// <summary>Reads agents.</summary>
internal static class AgentSection
{
    private const string SubjectKey = "subject";
    private const long MinMemoryBytes = 64 << 10;
    private const long MaxChangeBytes = 16 << 20;
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static ConfiguredAgent Read(string name, HoconCursor section, ConfigurationTree tree)
    {
        var module = section.Find("module");
        var folders = WasiSection.ReadFolders(section.At("wasi"), tree);
        return new ConfiguredAgent(
            new AgentDefinition
            {
                Name = name,
                ModuleHash = "",
                Kind = WasiSection.ReadKind(section.Find("kind")),
                Wasi = WasiSection.Read(section.At("wasi"), folders),
                Group = section.At("group").AsString(),
                Subscriptions = Patterns(section.At("subscribe")),
                SubscribeFrom = ReadStart(section.At("subscribe-from")),
                RenamedFrom = section.Find("renamed-from")?.AsString(),
                Key = section.Find("key") is { } key ? ReadKey(key) : null,
                Pool = PoolSection.Read(section.At("pool")),
                Config = section.Find("config") is { } config ? ConfigBytes.Of(config.TakeValue()) : default,
                Capabilities = ReadCapabilities(section.At("capabilities")),
                Limits = ReadLimits(section.At("limits")),
                PassivateIdleAfter = section.Find("passivate-idle-after")?.Duration(Tick),
                Circuit = SupervisionSection.ReadCircuit(section.At("circuit")),
                Health = HealthSection.Read(section.At("health")),
                Spawn = ReadSpawn(section.At("spawn")),
                Apoptosis = ReadApoptosis(section.At("apoptosis")),
                MaxKeys = section.At("max-keys").Count(),
                SnapshotEveryTurns = section.At("snapshot-every-turns").Count(),
                SnapshotAtMostEvery = section.At("snapshot-at-most-every").Duration(TimeSpan.Zero),
                SnapshotEveryBytes = section.At("snapshot-every-bytes").Size(1),
                SnapshotEvery = section.Find("snapshot-every")?.Duration(Tick),
                KeepSnapshots = section.At("keep-snapshots").Count(),
                KeepOlderSnapshots = section.At("keep-older-snapshots").Count(0),
                HashEveryTurns = section.At("hash-every-turns").Count(),
            },
            module is null ? null : ModuleReferenceSection.Read(module, tree),
            folders,
            section.KeyOrigin);
    }

    private static SubscriptionStart ReadStart(HoconCursor setting) => SubscriptionStart.TryParse(setting.AsString(), out var start)
        ? start
        : throw SettingBounds.Refused(setting, $"is '{setting.AsString()}'", "write now, beginning, a position as 0-1-1707, or a time as 2026-01-31T08:00:00Z");

    private static SpawnQuota ReadSpawn(HoconCursor section) => new()
    {
        MaxDepth = section.At("max-depth").Count(),
        MaxAgents = section.At("max-agents").Count(0),
        MaxMemoryBytes = section.Find("max-memory")?.Size(0),
    };

    private static ApoptosisPolicy ReadApoptosis(HoconCursor section) => new()
    {
        IdleAfter = section.Find("idle-after")?.Duration(Tick),
        Orphaned = section.At("orphaned").AsBoolean(),
        OverBudget = section.At("over-budget").AsBoolean(),
    };

    private static Capabilities ReadCapabilities(HoconCursor section) => new()
    {
        Publish = Patterns(section.At("publish")),
        Request = Patterns(section.At("request")),
        Send = Patterns(section.At("send")),
        Schedule = section.At("schedule").AsBoolean(),
        Spawn = section.At("spawn").AsBoolean(),
        Watch = Patterns(section.At("watch")),
        Integrate = Patterns(section.At("integrate")),
        Subscribe = Patterns(section.At("subscribe")),
    };

    private static AgentLimits ReadLimits(HoconCursor section) => new()
    {
        MemoryBytes = section.At("memory").Size(MinMemoryBytes),
        GcHeapBytes = section.At("gc-heap").Size(MinMemoryBytes),
        GcCompactAt = section.At("gc-compact-at").AsDouble(),
        TableElements = section.At("table-elements").AsLong(0),
        Deadline = section.At("deadline").Duration(Tick),
        FuelPerTurn = section.At("fuel-per-turn").AsLong(0),
        EmittedEventsPerTurn = section.At("emitted-events-per-turn").Count(0),
        EmittedBytesPerTurn = section.At("emitted-bytes-per-turn").Size(0),
        PendingTimers = section.At("pending-timers").Count(0),
        LogLinesPerTurn = section.At("log-lines-per-turn").Count(0),
        ChangeBytes = (int)section.At("change-bytes").Size(1, MaxChangeBytes),
        PendingChanges = section.At("pending-changes").Count(),
    };

    private static ImmutableArray<string> Patterns(HoconCursor list) => [.. list.AsListOf(item => item.AsString())];

    /// <summary>Where a key comes from: <c>subject</c>, or a token of the topic.</summary>
    internal static AgentKey ReadKey(HoconCursor key)
    {
        var text = key.AsString();
        if (text == SubjectKey) return AgentKey.Subject;
        if (text is ['{', .. var number, '}'] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var token) && token is > 0 and <= TopicName.MaxTokens)
            return new AgentKey(token);
        throw SettingBounds.Refused(key, $"must be subject or the number of a topic's token but is '{text}'", $"write subject or \"{{1}}\" to \"{{{TopicName.MaxTokens}}}\", in double quotes");
    }
}
