using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>Records of the log as lines for people and for machines: one row of a table for each kind.</summary>
internal static class LogEntryText
{
    private const int MaxDataChars = 200;

    private static readonly Dictionary<Type, (string Kind, Func<LogRecord, IEnumerable<(string Name, object? Value)>> Fields)> Kinds = new()
    {
        [typeof(EpochRecord)] = Kind<EpochRecord>("epoch", r => [("epoch", r.Epoch), ("at", At(r.AtNs)), ("writer", r.Writer)]),
        [typeof(TopologyRecord)] = Kind<TopologyRecord>("topology", r => [("mesh", r.Topology.Name), ("groups", r.Topology.Groups.Length), ("agents", r.Topology.Agents.Length)]),
        [typeof(TopologyChangeRecord)] = Kind<TopologyChangeRecord>("topology", r => [("author", r.Author), ("reason", r.Reason.Length > 0 ? r.Reason : null), ("summary", r.Summary)]),
        [typeof(CanaryRecord)] = Kind<CanaryRecord>("canary", r => [("step", Word(r.Step)), ("definition", r.Definition), ("watch", r.Policy?.Watch), ("failure_budget", r.Policy?.MaxFailures), ("within", r.Policy?.WithinTimeRange), ("share", r.Share?.Text)]),
        [typeof(EventRecord)] = Kind<EventRecord>("event", r => [("topic", r.Event.Topic), ("cause", Offset(r.Event.Cause)), ("data", Data(r.Event.Data))]),
        [typeof(TurnRecord)] = Kind<TurnRecord>("turn", Turn),
        [typeof(AgentRecord)] = Kind<AgentRecord>("agent", r => [("change", Word(r.Change)), ("definition", r.Definition), ("key", r.Key), ("incarnation", r.Incarnation)]),
        [typeof(HealingRecord)] = Kind<HealingRecord>("healing", r =>
            [("input", r.Input), ("directive", Word(r.Directive)), ("group", r.Group), ("quarantine", r.Quarantine), ("affected", r.Affected.Length)]),
        [typeof(HealedRecord)] = Kind<HealedRecord>("healed", _ => []),
        [typeof(TimerRecord)] = Kind<TimerRecord>("timer", r => [("timer", r.Timer), ("due", At(r.DueNs)), ("topic", r.Topic)]),
        [typeof(TimerCancelledRecord)] = Kind<TimerCancelledRecord>("timer-cancelled", r => [("timer", r.Timer)]),
        [typeof(CursorRecord)] = Kind<CursorRecord>("cursor", r => [("source", r.Source)]),
        [typeof(ImageRecord)] = Kind<ImageRecord>("image", r => [("input", r.Input), ("incarnation", r.Incarnation), ("hash", r.Hash)]),
        [typeof(QuarantineRecord)] = Kind<QuarantineRecord>("quarantine", r => [("input", r.Input), ("what", r.Released ? "released" : "dropped")]),
        [typeof(MeshRewindRecord)] = Kind<MeshRewindRecord>("rewind", r => [("to", r.To), ("sources", r.Sources), ("agents", r.Agents.Length), ("timers", r.Timers.Length)]),
        [typeof(AgentPauseRecord)] = Kind<AgentPauseRecord>("pause", r => [("paused", r.Paused)]),
        [typeof(RetirementRecord)] = Kind<RetirementRecord>("retired", r => [("reason", Word(r.Reason))]),
        [typeof(HealthRecord)] = Kind<HealthRecord>("health", r => [("signal", Word(r.Signal)), ("level", Word(r.Level)), ("reason", r.Reason.Length > 0 ? r.Reason : null)]),
        [typeof(GroupPauseRecord)] = Kind<GroupPauseRecord>("pause", r => [("group", r.Group), ("paused", r.Paused)]),
        [typeof(AgentDrainRecord)] = Kind<AgentDrainRecord>("drain", r => [("definitions", string.Join(',', r.Definitions)), ("deadline", At(r.DeadlineNs)), ("author", r.Author), ("reason", r.Reason.Length > 0 ? r.Reason : null)]),
        [typeof(PoolRecord)] = Kind<PoolRecord>("pool", r => [("pool", r.Definition), ("members", string.Join(',', r.Members)), ("partitions", r.Owners.Length), ("cause", Word(r.Cause)), ("reason", r.Reason)]),
        [typeof(RuleRecord)] = Kind<RuleRecord>("rule", r => [("rule", r.Rule), ("step", RuleJson.StepOf(r.Step)), ("values", string.Join(',', r.Values.Select(v => $"{RuleWords.Of(v.Signal)}={RuleWords.Text(v.Signal, v.Value)}"))), ("text", r.Text.Length > 0 ? r.Text : null)]),
        [typeof(CircuitRecord)] = Kind<CircuitRecord>("circuit", r => [("family", r.Definition), ("state", Word(r.State)), ("until", r.UntilNs > 0 ? At(r.UntilNs) : null)]),
        [typeof(LineageRecord)] = Kind<LineageRecord>("lineage", r => [("image", r.Image?.Input), ("turns", r.Turns.Length), ("last_input", Offset(r.LastInput)), ("again", r.Again.Length), ("rolls_back", r.RollsBack ? true : null)]),
        [typeof(PastRecord)] = Kind<PastRecord>("past", r => [("definition", r.Definition), ("read_through", r.ReadThrough), ("agents", r.Deliveries.Length), ("events", r.Deliveries.Sum(d => d.Offsets.Length))]),
        [typeof(AgentVersionRecord)] = Kind<AgentVersionRecord>("version", r => [("step", Word(r.Step)), ("module", r.RunsAs?.ModuleHash)]),
        [typeof(CrashAskedRecord)] = Kind<CrashAskedRecord>("crash-asked", _ => []),
        [typeof(ChangeAskedRecord)] = Kind<ChangeAskedRecord>("change-asked", r => [("input", r.Input), ("correlation", r.Correlation), ("change", Data(r.Text))]),
        [typeof(ChangeAnsweredRecord)] = Kind<ChangeAnsweredRecord>("change-answered", r => [("asked", r.Asked)]),
        [typeof(RetentionRecord)] = Kind<RetentionRecord>("retention", r => [("begins", r.Beginning.Offset), ("row", r.Beginning.Row), ("since", At(r.Beginning.AtNs)), ("checksum", $"{r.Beginning.Checksum:x16}")]),
        [typeof(WatchRecord)] = Kind<WatchRecord>("watch", r => [("watched", r.Watched)]),
    };

    /// <summary>One line: position, kind, agent, fields.</summary>
    public static string Line(LogEntry entry)
    {
        var (kind, fields) = Kinds[entry.Record.GetType()];
        var line = new StringBuilder().Append(entry.Position).Append("  ").Append(kind.PadRight(10));
        if (entry.Agent is not null) line.Append(' ').Append(entry.Agent);
        foreach (var (name, value) in fields(entry.Record))
            if (value is not null) line.Append(CultureInfo.InvariantCulture, $" {name}={value}");
        return line.ToString();
    }

    /// <summary>The same as an object; an event is a CloudEvent inside it.</summary>
    public static void WriteJson(Utf8JsonWriter json, LogEntry entry)
    {
        var (kind, fields) = Kinds[entry.Record.GetType()];
        json.WriteStartObject();
        json.WriteString("position", entry.Position.ToString());
        json.WriteString("kind", kind);
        if (entry.Agent is not null) json.WriteString("agent", entry.Agent);
        if (entry.Record is EventRecord e && entry.Id is not null && entry.Source is not null)
        {
            if (e.Event.Cause >= 0) json.WriteNumber("cause", e.Event.Cause);
            json.WritePropertyName("event");
            json.WriteRawValue(CloudEventJson.Write(new CommittedEvent(entry.Position, entry.Id, entry.Source, e.Event)).Span);
        }
        else foreach (var (name, value) in fields(entry.Record)) Write(json, name, value);
        json.WriteEndObject();
    }

    private static (string, Func<LogRecord, IEnumerable<(string, object?)>>) Kind<T>(string name, Func<T, IEnumerable<(string, object?)>> fields) where T : LogRecord =>
        (name, record => fields((T)record));

    private static IEnumerable<(string, object?)> Turn(TurnRecord turn) =>
    [
        ("input", turn.Input), ("incarnation", turn.Incarnation > 1 ? turn.Incarnation : null), ("attempt", turn.Attempt > 1 ? turn.Attempt : null), ("outputs", turn.Fault is null ? turn.Outputs : null),
        ("fuel", turn.Fuel > 0 ? turn.Fuel : null), ("hash", turn.Hash?.ToString()), ("fault", turn.Fault is { } fault ? $"{FaultNames.Of(fault.Kind)}/{fault.Code}" : null),
        ("message", turn.Fault?.Message),
    ];

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: break;
            case long number: json.WriteNumber(name, number); break;
            case int number: json.WriteNumber(name, number); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            default: json.WriteString(name, value.ToString()); break;
        }
    }

    /// <summary>Data as text, clipped; if it is no text its length.</summary>
    public static string Data(ReadOnlyMemory<byte> data)
    {
        if (!Utf8.IsValid(data.Span)) return $"{data.Length} bytes";
        var text = Encoding.UTF8.GetString(data.Span).Replace('\n', ' ').Replace('\r', ' ');
        return text.Length <= MaxDataChars ? text : $"{text[..MaxDataChars]}… ({data.Length} bytes)";
    }

    private static string At(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("O", CultureInfo.InvariantCulture);

    private static object? Offset(long offset) => offset < 0 ? null : offset;

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
