using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>The JSON payloads of the events that the mesh itself publishes.</summary>
internal static class LifecycleData
{
    public const string ContentType = "application/json";

    /// <summary>Back-traces stay readable; the payloads are JSON of their own and never part of a page.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Levels = ["well", "degraded", "overloaded"];

    private static readonly string[] Signals = ["guest", "none", "lag", "age", "failures", "quarantine", "turn-time", "memory"];

    public static ReadOnlyMemory<byte> Health(int level, string reason) => Write(json =>
    {
        json.WriteString("level", Levels[level]);
        json.WriteString("reason", reason);
    });

    public static string LevelOf(AgentHealthLevel level) => Levels[(int)level];

    /// <summary>What the mesh says of an agent's health, with all that it sees.</summary>
    public static ReadOnlyMemory<byte> Observed(string name, int incarnation, HealthRecord said, AgentHealthLevel overall, Action<Utf8JsonWriter> signals) => Write(json =>
    {
        json.WriteString("level", LevelOf(said.Level));
        json.WriteString("reason", said.Reason);
        json.WriteString("by", "mesh");
        json.WriteString("agent", name);
        json.WriteNumber("incarnation", incarnation);
        json.WriteString("signal", SignalOf(said.Signal));
        json.WriteString("overall", LevelOf(overall));
        signals(json);
    });

    public static string SignalOf(HealthSignal signal) => Signals[(int)signal];

    public static ReadOnlyMemory<byte> Agent(string name, int incarnation, string? detail = null) => Write(json =>
    {
        json.WriteString("agent", name);
        json.WriteNumber("incarnation", incarnation);
        if (detail is not null) json.WriteString("detail", detail);
    });

    public static ReadOnlyMemory<byte> Group(string name) => Write(json => json.WriteString("group", name));

    public static ReadOnlyMemory<byte> Pool(PoolRecord record, int from, int moved) => Write(json =>
    {
        json.WriteString("pool", record.Definition);
        json.WriteNumber("from", from);
        json.WriteNumber("to", record.Members.Length);
        json.WriteString("cause", CauseOf(record.Cause));
        json.WriteString("reason", record.Reason);
        json.WriteStartArray("members");
        foreach (var member in record.Members) json.WriteStringValue(AgentName.OfKey(record.Definition, Shards.Pool.KeyOf(member)));
        json.WriteEndArray();
        json.WriteNumber("partitions_moved", moved);
    });

    public static string CauseOf(PoolCause cause) => cause.ToString().ToLowerInvariant();

    public static ReadOnlyMemory<byte> Drain(AgentDrainRecord drain) => Write(json =>
    {
        json.WriteString("author", drain.Author);
        json.WriteString("reason", drain.Reason);
        json.WriteStartArray("definitions");
        foreach (var name in drain.Definitions) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("deadline", DateTime.UnixEpoch.AddTicks(drain.DeadlineNs / 100));
    });

    public static ReadOnlyMemory<byte> Node(string detail) => Write(json => json.WriteString("detail", detail));

    public static ReadOnlyMemory<byte> Rewound(string name, int incarnation, Position to, string inputs, RewindPlan plan, Func<long, string> at) => Write(json =>
    {
        json.WriteString("agent", name);
        json.WriteNumber("incarnation", incarnation);
        if (to.Offset >= 0) json.WriteString("to", to.ToString());
        if (plan.Version is { } version) json.WriteString("module", version.ModuleHash);
        json.WriteString("inputs", inputs);
        json.WriteNumber("undone_turns", plan.Since.Length);
        json.WriteNumber("emitted_since", plan.EmittedSince);
        json.WriteStartArray("emitted");
        foreach (var offset in plan.Emitted) json.WriteStringValue(at(offset));
        json.WriteEndArray();
    });

    public static ReadOnlyMemory<byte> Replaced(string name, int incarnation, AgentDefinition before, AgentDefinition after, PlannedMove move) => Write(json =>
    {
        json.WriteString("agent", name);
        json.WriteNumber("incarnation", incarnation);
        json.WriteString("state", MoveChooser.Word(move.Way));
        json.WriteStartObject("from");
        json.WriteString("module", before.ModuleHash);
        json.WriteNumber("version", move.FromVersion);
        json.WriteEndObject();
        json.WriteStartObject("to");
        json.WriteString("module", after.ModuleHash);
        json.WriteNumber("version", move.ToVersion);
        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Failed(string name, int incarnation, GuestFault fault, Position input, string topic, string id, int attempt, string directive) => Write(json =>
    {
        json.WriteString("agent", name);
        json.WriteNumber("incarnation", incarnation);
        json.WriteNumber("attempt", attempt);
        json.WriteString("directive", directive);
        WriteInput(json, input, topic, id);
        WriteFault(json, fault);
    });

    /// <summary>Of an event that stands in the log data above <paramref name="maxBytes"/> is not repeated.</summary>
    public static ReadOnlyMemory<byte> DeadLetter(string agent, GuestFault fault, Position input, string topic, string id, MeshEvent original, int maxBytes = int.MaxValue) => Write(json =>
    {
        json.WriteString("agent", agent);
        WriteInput(json, input, topic, id);
        WriteFault(json, fault);
        if (original.Subject is not null) json.WriteString("subject", original.Subject);
        if (original.ContentType is not null) json.WriteString("datacontenttype", original.ContentType);
        if (original.Data.Length <= maxBytes) json.WriteBase64String("data_base64", original.Data.Span);
        else json.WriteNumber("data_bytes", original.Data.Length);
    });

    public static ReadOnlyMemory<byte> Topology(Position at, string author, string reason, TopologyPlan plan) => Write(json =>
    {
        json.WriteString("position", at.ToString());
        json.WriteString("author", author);
        if (reason.Length > 0) json.WriteString("reason", reason);
        json.WriteString("summary", plan.Summary);
    });

    /// <summary>Most steps, problems, warnings or changes before it that the answer to a change lists; their number is told besides.</summary>
    private const int MaxListed = 100;

    /// <summary>The answer to a change that an agent asked for.</summary>
    public static ReadOnlyMemory<byte> Changed(TopologyAnswer answer, Func<long, string> at) => Write(json =>
    {
        json.WriteString("outcome", answer.Outcome.ToString().ToLowerInvariant());
        json.WriteString("position", answer.At.ToString());
        json.WriteBoolean("possible", answer.Plan.IsPossible);
        json.WriteString("summary", answer.Plan.Summary);
        WriteItems(json, "steps", answer.Plan.Steps, step =>
        {
            json.WriteString("kind", JsonNamingPolicy.KebabCaseLower.ConvertName(step.Kind.ToString()));
            json.WriteString("path", step.Path);
            if (step.Living > 0) json.WriteNumber("living", step.Living);
            if (step.Move is { } move) json.WriteString("state", MoveChooser.Word(move.Way));
        });
        WriteItems(json, "problems", answer.Plan.Problems, problem => WriteProblem(json, problem));
        WriteItems(json, "warnings", answer.Plan.Warnings, problem => WriteProblem(json, problem));
        if (answer.Outcome != TopologyOutcome.Stale) return;
        WriteItems(json, "since", answer.Since, change =>
        {
            json.WriteString("position", at(change.Offset));
            json.WriteString("author", change.Author);
            json.WriteString("summary", change.Summary);
        });
    });

    private static void WriteProblem(Utf8JsonWriter json, TopologyProblem problem)
    {
        json.WriteString("path", problem.Path);
        json.WriteString("message", problem.Message);
    }

    private static void WriteItems<T>(Utf8JsonWriter json, string name, IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count > MaxListed) json.WriteNumber($"{name}_count", items.Count);
        json.WriteStartArray(name);
        foreach (var item in items.Take(MaxListed))
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static ReadOnlyMemory<byte> Canary(string definition, Position since, long untilNs, int failures, string problem, KeyShare? share) => Write(json =>
    {
        json.WriteString("definition", definition);
        json.WriteString("since", since.ToString());
        if (share is not null) json.WriteString("share", share.Text);
        if (untilNs > 0) json.WriteString("until", DateTime.UnixEpoch.AddTicks(untilNs / 100));
        if (failures > 0) json.WriteNumber("failures", failures);
        if (problem.Length > 0) json.WriteString("problem", problem);
    });

    public static ReadOnlyMemory<byte> RolledBack(
        string definition, Position since, int failures, string reason, IReadOnlyList<string> agents, IReadOnlyList<string> stopped, long emittedCount, IReadOnlyList<string> emitted) => Write(json =>
    {
        json.WriteString("definition", definition);
        json.WriteString("since", since.ToString());
        json.WriteString("reason", reason);
        json.WriteNumber("failures", failures);
        WriteSome(json, "agents_set_back", "agents", agents);
        WriteSome(json, "agents_stopped", "stopped", stopped);
        json.WriteNumber("emitted_since", emittedCount);
        WriteList(json, "emitted", emitted);
    });

    private static void WriteSome(Utf8JsonWriter json, string count, string name, IReadOnlyList<string> items)
    {
        json.WriteNumber(count, items.Count);
        WriteList(json, name, items.Take(RewindPlan.MaxListed));
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items) json.WriteStringValue(item);
        json.WriteEndArray();
    }

    /// <summary>What a rule came to; values are in the units of <see cref="RuleSignal"/>.</summary>
    public static ReadOnlyMemory<byte> Rule(RuleDefinition rule, RuleRecord record, string agent) => Write(json =>
    {
        json.WriteString("rule", rule.Name);
        json.WriteString("step", StepOf(record.Step));
        json.WriteString("agent", agent);
        if (record.Scope.Length > 0 && record.Scope != agent) json.WriteString("scope", record.Scope);
        json.WriteBoolean("dry_run", rule.IsDryRun);
        WriteList(json, "verbs", record.Verbs.Select(RuleWords.Of));
        json.WriteStartArray("values");
        foreach (var value in record.Values)
        {
            json.WriteStartObject();
            json.WriteString("signal", RuleWords.Of(value.Signal));
            json.WriteNumber("value", value.Value);
            json.WriteNumber("line", value.Line);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (record.Text.Length > 0) json.WriteString("text", record.Text);
        if (!record.Shed.IsEmpty) json.WriteNumber("shed", record.Shed.Length);
    });

    /// <summary>The word for a step of a rule: <c>would-act</c>.</summary>
    public static string StepOf(RuleStep step) => step == RuleStep.WouldAct ? "would-act" : step.ToString().ToLowerInvariant();

    public static ReadOnlyMemory<byte> Circuit(string family, long untilNs) => Write(json =>
    {
        json.WriteString("family", family);
        if (untilNs > 0) json.WriteString("until", DateTime.UnixEpoch.AddTicks(untilNs / 100));
    });

    /// <summary>The fault that a dead letter tells of, without its back-trace.</summary>
    public static GuestFault FaultOf(ReadOnlyMemory<byte> deadLetter)
    {
        using var json = JsonDocument.Parse(deadLetter);
        return new GuestFault(FaultNames.KindOf(TextOf(json, "kind")), TextOf(json, "code") ?? "", TextOf(json, "message") ?? "");
    }

    /// <summary>The event that a dead letter holds because it was not delivered.</summary>
    public static MeshEvent Undelivered(MeshEvent deadLetter)
    {
        using var json = JsonDocument.Parse(deadLetter.Data);
        return new MeshEvent
        {
            Topic = TextOf(json, "topic")!, Subject = TextOf(json, "subject"), ContentType = TextOf(json, "datacontenttype"),
            Data = json.RootElement.GetProperty("data_base64").GetBytesFromBase64(), TraceParent = deadLetter.TraceParent,
        };
    }

    private static string? TextOf(JsonDocument json, string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static void WriteInput(Utf8JsonWriter json, Position input, string topic, string id)
    {
        json.WriteString("position", input.ToString());
        json.WriteString("topic", topic);
        json.WriteString("id", id);
    }

    private static void WriteFault(Utf8JsonWriter json, GuestFault fault)
    {
        json.WriteString("kind", FaultNames.Of(fault.Kind));
        json.WriteString("code", fault.Code);
        json.WriteString("message", fault.Message);
        json.WriteStartArray("backtrace");
        foreach (var frame in fault.BackTrace) json.WriteStringValue(frame);
        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
