using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What it takes to give a living agent another value of a field.</summary>
public enum FieldReach : byte
{
    /// <summary>Nothing: the mesh uses it from then on, and the agent is not disturbed.</summary>
    Mesh = 0,

    /// <summary>The actor of the agent is begun again with the same state; no incarnation ends, no event is lost or repeated.</summary>
    Actor = 1,

    /// <summary>The guest sees it: its turns could not be repeated with another value.</summary>
    Guest = 2,

    /// <summary>It says which agents there are.</summary>
    Identity = 3,
}

/// <summary>A field that differs between two definitions.</summary>
/// <param name="Field">Its key in a configuration: <c>limits.memory</c>.</param>
/// <param name="From">What it was, as text.</param>
/// <param name="To">What it becomes, as text.</param>
public sealed record FieldChange(string Field, string From, string To);

/// <summary>The fields of an agent's definition: one row for each.</summary>
/// <param name="Name">Its key in a configuration.</param>
/// <param name="Reach">What a change of it takes.</param>
/// <param name="Text">Its value as text; equal values have equal texts.</param>
internal sealed record TopologyField(string Name, FieldReach Reach, Func<AgentDefinition, string> Text)
{
    /// <summary>Longest text of a value that is told whole, characters. Fixed: a step of a plan is a line for people; the whole value stands in the topology.</summary>
    private const int MaxText = 200;

    /// <summary>The field that says which name a definition had.</summary>
    public const string RenamedFrom = "renamed-from";

    /// <summary>All but the name, in the order in which they are told.</summary>
    public static IReadOnlyList<TopologyField> All { get; } =
    [
        new("module", FieldReach.Guest, a => a.ModuleHash),
        new("kind", FieldReach.Guest, a => a.Kind.ToString()),
        new("key", FieldReach.Identity, a => Key(a.Key)),
        new("pool.key", FieldReach.Identity, a => a.Pool is null ? "none" : Key(a.Pool.Key)),
        new("pool.partitions", FieldReach.Identity, a => a.Pool is { } pool ? Number(pool.Partitions) : "none"),
        new("pool.size", FieldReach.Mesh, a => a.Pool is { } pool ? Number(pool.Size) : "none"),
        new("pool.min", FieldReach.Mesh, a => a.Pool is { } pool ? Number(pool.Min) : "none"),
        new("pool.max", FieldReach.Mesh, a => a.Pool is { } pool ? Number(pool.Max) : "none"),
        new("pool.grow-lag", FieldReach.Mesh, a => Line(a.Pool?.GrowLag)),
        new("pool.grow-age", FieldReach.Mesh, a => Span(a.Pool?.GrowAge)),
        new("pool.shrink-lag", FieldReach.Mesh, a => Line(a.Pool?.ShrinkLag)),
        new("pool.shrink-age", FieldReach.Mesh, a => Span(a.Pool?.ShrinkAge)),
        new("pool.shrink-after", FieldReach.Mesh, a => Span(a.Pool?.ShrinkAfter)),
        new("pool.cool-down", FieldReach.Mesh, a => Span(a.Pool?.CoolDown)),
        new("config", FieldReach.Guest, a => Utf8.IsValid(a.Config.Span) ? Encoding.UTF8.GetString(a.Config.Span) : $"{a.Config.Length} bytes {Convert.ToHexStringLower(a.Config.Span)}"),
        new("limits.memory", FieldReach.Guest, a => Number(a.Limits.MemoryBytes)),
        new("limits.table-elements", FieldReach.Guest, a => Number(a.Limits.TableElements)),
        new("wasi.args", FieldReach.Guest, a => List(a.Wasi.Arguments)),
        new("wasi.env", FieldReach.Guest, a => List(a.Wasi.Environment.Select(v => $"{v.Name}={v.Value}"))),
        new("wasi.stdin", FieldReach.Guest, a => a.Wasi.InputLoops ? "loop" : "event"),
        new("wasi.stdout", FieldReach.Guest, a => a.Wasi.OutputTopic ?? "log"),
        new("wasi.preopens", FieldReach.Guest, a => List(a.Wasi.Preopens.Select(p => $"{p.Path}={p.ContentHash}"))),
        new("wasi.limits", FieldReach.Guest, a => a.Wasi.Limits.ToString()),
        new("group", FieldReach.Actor, a => a.Group),
        new("subscribe", FieldReach.Mesh, a => List(a.Subscriptions)),
        new("subscribe-from", FieldReach.Mesh, a => a.SubscribeFrom.ToString()),
        new(RenamedFrom, FieldReach.Mesh, a => a.RenamedFrom ?? "none"),
        new("capabilities.publish", FieldReach.Actor, a => List(a.Capabilities.Publish)),
        new("capabilities.request", FieldReach.Actor, a => List(a.Capabilities.Request)),
        new("capabilities.send", FieldReach.Actor, a => List(a.Capabilities.Send)),
        new("capabilities.watch", FieldReach.Actor, a => List(a.Capabilities.Watch)),
        new("capabilities.schedule", FieldReach.Actor, a => Word(a.Capabilities.Schedule)),
        new("capabilities.spawn", FieldReach.Actor, a => Word(a.Capabilities.Spawn)),
        new("capabilities.integrate", FieldReach.Actor, a => List(a.Capabilities.Integrate)),
        new("capabilities.subscribe", FieldReach.Mesh, a => List(a.Capabilities.Subscribe)),
        new("limits.gc-heap", FieldReach.Actor, a => Number(a.Limits.GcHeapBytes)),
        new("limits.gc-compact-at", FieldReach.Actor, a => a.Limits.GcCompactAt.ToString("R", CultureInfo.InvariantCulture)),
        new("limits.deadline", FieldReach.Actor, a => Span(a.Limits.Deadline)),
        new("limits.fuel-per-turn", FieldReach.Actor, a => Number(a.Limits.FuelPerTurn)),
        new("limits.emitted-events-per-turn", FieldReach.Actor, a => Number(a.Limits.EmittedEventsPerTurn)),
        new("limits.emitted-bytes-per-turn", FieldReach.Actor, a => Number(a.Limits.EmittedBytesPerTurn)),
        new("limits.pending-timers", FieldReach.Mesh, a => Number(a.Limits.PendingTimers)),
        new("limits.log-lines-per-turn", FieldReach.Actor, a => Number(a.Limits.LogLinesPerTurn)),
        new("limits.change-bytes", FieldReach.Actor, a => Number(a.Limits.ChangeBytes)),
        new("limits.pending-changes", FieldReach.Mesh, a => Number(a.Limits.PendingChanges)),
        new("passivate-idle-after", FieldReach.Actor, a => Span(a.PassivateIdleAfter)),
        new("circuit", FieldReach.Mesh, a => a.Circuit?.ToString() ?? "none"),
        new("health.max-reason", FieldReach.Actor, a => Number(a.Health.MaxReasonBytes)),
        new("health.degraded-lag", FieldReach.Mesh, a => Line(a.Health.DegradedLag)),
        new("health.overloaded-lag", FieldReach.Mesh, a => Line(a.Health.OverloadedLag)),
        new("health.degraded-age", FieldReach.Mesh, a => Span(a.Health.DegradedAge)),
        new("health.overloaded-age", FieldReach.Mesh, a => Span(a.Health.OverloadedAge)),
        new("health.degraded-failures", FieldReach.Mesh, a => Line(a.Health.DegradedFailures)),
        new("health.min-failures", FieldReach.Mesh, a => Number(a.Health.MinFailures)),
        new("health.failure-window", FieldReach.Mesh, a => Span(a.Health.FailureWindow)),
        new("health.degraded-quarantine", FieldReach.Mesh, a => Line(a.Health.DegradedQuarantine)),
        new("health.degraded-turn-time", FieldReach.Mesh, a => Line(a.Health.DegradedTurnTime)),
        new("health.degraded-memory", FieldReach.Mesh, a => Line(a.Health.DegradedMemory)),
        new("health.recover-at", FieldReach.Mesh, a => Line(a.Health.RecoverAt)),
        new("health.publish-at-most-every", FieldReach.Mesh, a => Span(a.Health.PublishAtMostEvery)),
        new("spawn.max-depth", FieldReach.Mesh, a => Number(a.Spawn.MaxDepth)),
        new("spawn.max-agents", FieldReach.Mesh, a => Number(a.Spawn.MaxAgents)),
        new("spawn.max-memory", FieldReach.Mesh, a => Line(a.Spawn.MaxMemoryBytes)),
        new("apoptosis.idle-after", FieldReach.Mesh, a => Span(a.Apoptosis.IdleAfter)),
        new("apoptosis.orphaned", FieldReach.Mesh, a => Word(a.Apoptosis.Orphaned)),
        new("apoptosis.over-budget", FieldReach.Mesh, a => Word(a.Apoptosis.OverBudget)),
        new("max-keys", FieldReach.Mesh, a => Number(a.MaxKeys)),
        new("snapshot-every-turns", FieldReach.Actor, a => Number(a.SnapshotEveryTurns)),
        new("snapshot-at-most-every", FieldReach.Actor, a => Span(a.SnapshotAtMostEvery)),
        new("snapshot-every-bytes", FieldReach.Actor, a => Number(a.SnapshotEveryBytes)),
        new("snapshot-every", FieldReach.Actor, a => Span(a.SnapshotEvery)),
        new("keep-snapshots", FieldReach.Mesh, a => Number(a.KeepSnapshots)),
        new("keep-older-snapshots", FieldReach.Mesh, a => Number(a.KeepOlderSnapshots)),
        new("hash-every-turns", FieldReach.Actor, a => Number(a.HashEveryTurns)),
    ];

    /// <summary>The fields in which two definitions differ.</summary>
    public static IReadOnlyList<TopologyField> Differences(AgentDefinition one, AgentDefinition other) =>
        ReferenceEquals(one, other) ? [] : [.. All.Where(field => field.Text(one) != field.Text(other))];

    /// <summary>What this field was and becomes.</summary>
    public FieldChange Change(AgentDefinition from, AgentDefinition to) => new(Name, Clip(Text(from)), Clip(Text(to)));

    /// <summary>A long text is told by its beginning.</summary>
    public static string Clip(string text) => text.Length <= MaxText ? text : text[..MaxText] + "…";

    private static string Key(AgentKey? key) => key switch { null => "none", { TopicToken: 0 } => "subject", { TopicToken: var token } => $"{{{token}}}" };

    private static string List(IEnumerable<string> items) => "[" + string.Join(", ", items) + "]";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Line(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "none";

    private static string Span(TimeSpan? value) => value?.ToString("c", CultureInfo.InvariantCulture) ?? "never";

    private static string Word(bool value) => value ? "true" : "false";
}
