using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Topology;

/// <summary>
/// A topology with the keys of a configuration file, every one of them said, so that what is written can be read again as one: modules and folders are
/// named by their content.
/// </summary>
internal static class TopologyJson
{
    private static readonly (long Ticks, string Unit)[] Units =
    [
        (TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"), (TimeSpan.TicksPerSecond, "s"), (TimeSpan.TicksPerMillisecond, "ms"),
        (TimeSpan.TicksPerMicrosecond, "us"),
    ];

    /// <summary>The topology as a configuration: <c>{ "akka-wasm": { "mesh": … } }</c>. A version that is tried on a share of a family stands in it as that of all.</summary>
    public static void Write(Utf8JsonWriter json, MeshTopology topology)
    {
        json.WriteStartObject();
        json.WriteStartObject(ConfigurationTree.RootKey);
        json.WriteStartObject("mesh");
        json.WriteString("name", topology.Name);
        json.WriteStartObject("supervision");
        WritePolicy(json, topology.Root);
        json.WriteEndObject();
        json.WriteStartObject("groups");
        foreach (var group in topology.Groups) WriteGroup(json, group);
        json.WriteEndObject();
        json.WriteStartObject("agents");
        foreach (var agent in topology.Agents) WriteAgent(json, agent.Canary?.Definition ?? agent);
        json.WriteEndObject();
        json.WriteStartObject("rules");
        foreach (var rule in topology.Rules) WriteRule(json, rule);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        if (topology.Agents.Any(a => a.Canary is not null)) WriteTried(json, topology);
        json.WriteEndObject();
    }

    /// <summary>Beside the configuration, where no verb looks: what the agents are under on which the versions in it are not tried yet.</summary>
    private static void WriteTried(Utf8JsonWriter json, MeshTopology topology)
    {
        json.WriteStartObject("tried");
        foreach (var agent in topology.Agents.Where(a => a.Canary is not null))
        {
            json.WriteStartObject(agent.Name);
            json.WriteString("share", agent.Canary!.Share.Text);
            json.WriteNumber("seed", agent.Canary.Share.Seed);
            json.WriteStartObject("others");
            WriteAgent(json, agent);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, GroupDefinition group)
    {
        json.WriteStartObject(group.Name);
        json.WriteString("parent", group.Parent);
        json.WriteString("renamed-from", group.RenamedFrom);
        WritePolicy(json, group.Supervision);
        json.WriteEndObject();
    }

    private static void WritePolicy(Utf8JsonWriter json, SupervisionPolicy policy)
    {
        json.WriteString("strategy", Word(policy.Strategy));
        json.WriteString("directive", Word(policy.Directive));
        WriteTexts(json, "on-failure", policy.OnFailure.Select(d => Word(d)));
        json.WriteNumber("max-nr-of-retries", policy.MaxNrOfRetries);
        json.WriteString("within-time-range", Span(policy.WithinTimeRange));
        json.WriteString("min-backoff", Span(policy.MinBackoff));
        json.WriteString("max-backoff", Span(policy.MaxBackoff));
        json.WriteNumber("random-factor", policy.RandomFactor);
        json.WriteNumber("event-retries", policy.EventRetries);
        json.WriteNumber("host-fault-retries", policy.HostFaultRetries);
        json.WriteStartObject("rewind");
        json.WriteNumber("turns", policy.Rewind.Turns);
        json.WriteNumber("snapshots", policy.Rewind.Snapshots);
        json.WriteBoolean("previous-version", policy.Rewind.PreviousVersion);
        json.WriteString("inputs", Word(policy.Rewind.Inputs));
        json.WriteEndObject();
    }

    private static void WriteAgent(Utf8JsonWriter json, AgentDefinition agent)
    {
        json.WriteStartObject(agent.Name);
        json.WriteString("module", new PinnedReference(agent.ModuleFile, agent.ModuleHash).ToString());
        json.WriteString("kind", agent.Kind switch { AgentKind.Mesh => "mesh", AgentKind.WasiCommand => "wasi-command", AgentKind.WasiReactor => "wasi-reactor", _ => null });
        WriteWasi(json, agent.Wasi);
        json.WriteString("group", agent.Group);
        WriteTexts(json, "subscribe", agent.Subscriptions);
        json.WriteString("subscribe-from", agent.SubscribeFrom.ToString());
        json.WriteString("renamed-from", agent.RenamedFrom);
        json.WriteString("key", Key(agent.Key));
        WritePool(json, agent.Pool);
        WriteConfig(json, agent);
        WriteCapabilities(json, agent.Capabilities);
        WriteLimits(json, agent.Limits);
        json.WriteString("passivate-idle-after", agent.PassivateIdleAfter is { } idle ? Span(idle) : null);
        WriteCircuit(json, agent.Circuit);
        WriteHealth(json, agent.Health);
        WriteSpawning(json, agent);
        json.WriteNumber("max-keys", agent.MaxKeys);
        json.WriteNumber("snapshot-every-turns", agent.SnapshotEveryTurns);
        json.WriteString("snapshot-at-most-every", Span(agent.SnapshotAtMostEvery));
        json.WriteNumber("snapshot-every-bytes", agent.SnapshotEveryBytes);
        json.WriteString("snapshot-every", agent.SnapshotEvery is { } every ? Span(every) : null);
        json.WriteNumber("keep-snapshots", agent.KeepSnapshots);
        json.WriteNumber("keep-older-snapshots", agent.KeepOlderSnapshots);
        json.WriteNumber("hash-every-turns", agent.HashEveryTurns);
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, RuleDefinition rule)
    {
        json.WriteStartObject(rule.Name);
        json.WriteString("of", rule.Of);
        WriteLines(json, "when", rule, line => line.Above);
        WriteLines(json, "clear", rule, line => line.Clear);
        json.WriteString("for", Span(rule.For));
        json.WriteString("cool-down", Span(rule.CoolDown));
        json.WriteNumber("at-most", rule.AtMost);
        json.WriteString("per", Span(rule.Per));
        json.WriteList("then", rule.Then, action => WriteAction(json, action));
        json.WriteBoolean("dry-run", rule.IsDryRun);
        json.WriteEndObject();
    }

    private static void WriteLines(Utf8JsonWriter json, string name, RuleDefinition rule, Func<RuleLine, double> value)
    {
        json.WriteStartObject(name);
        foreach (var line in rule.When)
        {
            if (line.Signal is RuleSignal.Age or RuleSignal.TurnTime) json.WriteString(RuleWords.Of(line.Signal), Span(TimeSpan.FromTicks((long)(value(line) / 100))));
            else json.WriteNumber(RuleWords.Of(line.Signal), value(line));
        }
        json.WriteEndObject();
    }

    private static void WriteAction(Utf8JsonWriter json, RuleAction action)
    {
        json.WriteStartObject();
        json.WriteStartObject(RuleWords.Of(action.Verb));
        if (action.Rewind is { } to)
        {
            json.WriteNumber("turns", to.Turns);
            json.WriteNumber("snapshots", to.Snapshots);
            json.WriteBoolean("previous-version", to.PreviousVersion);
            json.WriteString("inputs", Word(to.Inputs));
        }
        if (action.Verb == RuleVerb.Replicate) json.WriteNumber("by", action.By);
        if (action.Verb == RuleVerb.Shed) json.WriteNumber("keep", action.Keep);
        if (action.Replacement is { } by) WriteReplacement(json, by);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteReplacement(Utf8JsonWriter json, RuleReplacement by)
    {
        json.WriteString("module", new PinnedReference(by.ModuleFile, by.ModuleHash).ToString());
        if (by.Watch is not { } watch) return;
        json.WriteString("share", KeyShare.TextOf(watch.ShareBasisPoints));
        json.WriteStartObject("watch");
        json.WriteString("for", Span(watch.Watch));
        json.WriteNumber("max-failures", watch.MaxFailures);
        json.WriteString("within", Span(watch.WithinTimeRange));
        json.WriteString("inputs", Word(watch.Inputs));
        json.WriteEndObject();
    }

    private static string? Key(AgentKey? key) => key switch { null => null, { TopicToken: 0 } => "subject", { TopicToken: var token } => $"{{{token}}}" };

    private static void WritePool(Utf8JsonWriter json, PoolPolicy? pool)
    {
        var said = pool ?? new PoolPolicy();
        json.WriteStartObject("pool");
        WriteLine(json, "size", pool?.Size);
        json.WriteString("key", Key(said.Key));
        json.WriteNumber("partitions", said.Partitions);
        json.WriteNumber("min", said.Min);
        json.WriteNumber("max", said.Max);
        WriteLine(json, "grow-lag", said.GrowLag);
        json.WriteString("grow-age", said.GrowAge is { } late ? Span(late) : null);
        json.WriteNumber("shrink-lag", said.ShrinkLag);
        json.WriteString("shrink-age", Span(said.ShrinkAge));
        json.WriteString("shrink-after", said.ShrinkAfter is { } after ? Span(after) : null);
        json.WriteString("cool-down", Span(said.CoolDown));
        json.WriteEndObject();
    }

    /// <summary>A configuration says text; what is none can only come from a program, and is shown by its length.</summary>
    private static void WriteConfig(Utf8JsonWriter json, AgentDefinition agent)
    {
        if (agent.Config.IsEmpty) json.WriteNull("config");
        else json.WriteString("config", Utf8.IsValid(agent.Config.Span) ? Encoding.UTF8.GetString(agent.Config.Span) : $"{agent.Config.Length} bytes that are no text");
    }

    private static void WriteWasi(Utf8JsonWriter json, WasiDefinition wasi)
    {
        json.WriteStartObject("wasi");
        WriteTexts(json, "args", wasi.Arguments);
        json.WriteStartObject("env");
        foreach (var variable in wasi.Environment) json.WriteString(variable.Name, variable.Value);
        json.WriteEndObject();
        json.WriteString("stdin", wasi.InputLoops ? "loop" : "event");
        json.WriteString("stdout", wasi.OutputTopic ?? "log");
        json.WriteStartObject("preopens");
        foreach (var preopen in wasi.Preopens) json.WriteString(preopen.Path, new PinnedReference(preopen.Folder, preopen.ContentHash).ToString());
        json.WriteEndObject();
        json.WriteStartObject("limits");
        json.WriteNumber("file-bytes", wasi.Limits.FileBytes);
        json.WriteNumber("nodes", wasi.Limits.Nodes);
        json.WriteNumber("open-descriptors", wasi.Limits.OpenDescriptors);
        json.WriteNumber("path-bytes", wasi.Limits.PathBytes);
        json.WriteNumber("path-depth", wasi.Limits.PathDepth);
        json.WriteNumber("line-bytes", wasi.Limits.LineBytes);
        json.WriteNumber("written-bytes-per-turn", wasi.Limits.WrittenBytesPerTurn);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCapabilities(Utf8JsonWriter json, Capabilities capabilities)
    {
        json.WriteStartObject("capabilities");
        WriteTexts(json, "publish", capabilities.Publish);
        WriteTexts(json, "request", capabilities.Request);
        WriteTexts(json, "send", capabilities.Send);
        json.WriteBoolean("schedule", capabilities.Schedule);
        json.WriteBoolean("spawn", capabilities.Spawn);
        WriteTexts(json, "watch", capabilities.Watch);
        WriteTexts(json, "integrate", capabilities.Integrate);
        WriteTexts(json, "subscribe", capabilities.Subscribe);
        json.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter json, AgentLimits limits)
    {
        json.WriteStartObject("limits");
        json.WriteNumber("memory", limits.MemoryBytes);
        json.WriteNumber("gc-heap", limits.GcHeapBytes);
        json.WriteNumber("gc-compact-at", limits.GcCompactAt);
        json.WriteNumber("table-elements", limits.TableElements);
        json.WriteString("deadline", Span(limits.Deadline));
        json.WriteNumber("fuel-per-turn", limits.FuelPerTurn);
        json.WriteNumber("emitted-events-per-turn", limits.EmittedEventsPerTurn);
        json.WriteNumber("emitted-bytes-per-turn", limits.EmittedBytesPerTurn);
        json.WriteNumber("pending-timers", limits.PendingTimers);
        json.WriteNumber("log-lines-per-turn", limits.LogLinesPerTurn);
        json.WriteNumber("change-bytes", limits.ChangeBytes);
        json.WriteNumber("pending-changes", limits.PendingChanges);
        json.WriteEndObject();
    }

    private static void WriteCircuit(Utf8JsonWriter json, CircuitPolicy? circuit)
    {
        var said = circuit ?? new CircuitPolicy();
        json.WriteStartObject("circuit");
        if (circuit is null) json.WriteNull("failures-share");
        else json.WriteNumber("failures-share", circuit.FailuresShare);
        json.WriteNumber("min-agents", said.MinAgents);
        json.WriteString("window", Span(said.Window));
        json.WriteString("open-for", Span(said.OpenFor));
        json.WriteNumber("half-open-probes", said.HalfOpenProbes);
        json.WriteEndObject();
    }

    private static void WriteSpawning(Utf8JsonWriter json, AgentDefinition agent)
    {
        json.WriteStartObject("spawn");
        json.WriteNumber("max-depth", agent.Spawn.MaxDepth);
        json.WriteNumber("max-agents", agent.Spawn.MaxAgents);
        WriteLine(json, "max-memory", agent.Spawn.MaxMemoryBytes);
        json.WriteEndObject();
        json.WriteStartObject("apoptosis");
        json.WriteString("idle-after", agent.Apoptosis.IdleAfter is { } idle ? Span(idle) : null);
        json.WriteBoolean("orphaned", agent.Apoptosis.Orphaned);
        json.WriteBoolean("over-budget", agent.Apoptosis.OverBudget);
        json.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter json, HealthPolicy health)
    {
        json.WriteStartObject("health");
        json.WriteNumber("max-reason", health.MaxReasonBytes);
        WriteLine(json, "degraded-lag", health.DegradedLag);
        WriteLine(json, "overloaded-lag", health.OverloadedLag);
        json.WriteString("degraded-age", health.DegradedAge is { } late ? Span(late) : null);
        json.WriteString("overloaded-age", health.OverloadedAge is { } later ? Span(later) : null);
        WriteLine(json, "degraded-failures", health.DegradedFailures);
        json.WriteNumber("min-failures", health.MinFailures);
        json.WriteString("failure-window", Span(health.FailureWindow));
        WriteLine(json, "degraded-quarantine", health.DegradedQuarantine);
        WriteLine(json, "degraded-turn-time", health.DegradedTurnTime);
        WriteLine(json, "degraded-memory", health.DegradedMemory);
        json.WriteNumber("recover-at", health.RecoverAt);
        json.WriteString("publish-at-most-every", Span(health.PublishAtMostEvery));
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, string name, double? line)
    {
        if (line is { } value) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts) => json.WriteList(name, texts, json.WriteStringValue);

    /// <summary>In the largest unit that leaves no rest.</summary>
    private static string Span(TimeSpan span)
    {
        foreach (var (ticks, unit) in Units)
            if (span.Ticks % ticks == 0 && span.Ticks != 0) return FormattableString.Invariant($"{span.Ticks / ticks} {unit}");
        return FormattableString.Invariant($"{(decimal)span.Ticks * 100} ns");
    }

    private static string Word(Enum value) => HoconCursor.KebabCase(value.ToString());
}
