using System.Globalization;
using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Topology;

/// <summary>Plans and changes of a topology as JSON.</summary>
internal static class PlanJson
{
    /// <summary>The fields of a plan, into an object that is open.</summary>
    public static void WriteFields(Utf8JsonWriter json, TopologyPlan plan)
    {
        json.WriteBoolean("possible", plan.IsPossible);
        json.WriteString("summary", plan.Summary);
        json.WriteList("steps", plan.Steps, step =>
        {
            json.WriteStartObject();
            json.WriteString("kind", HoconCursor.KebabCase(step.Kind.ToString()));
            json.WriteString("path", step.Path);
            if (step.Living > 0) json.WriteNumber("living", step.Living);
            if (step.Part is { } part) json.WriteString(part.IsRest ? "all_but" : "share", part.Share.Text);
            if (step.Move is { } move) WriteMove(json, move);
            if (!step.Fields.IsEmpty) json.WriteList("fields", step.Fields, field => WriteField(json, field));
            json.WriteEndObject();
        });
        if (!plan.Strays.IsEmpty)
            json.WriteList("older_versions", plan.Strays, stray =>
            {
                json.WriteStartObject();
                json.WriteString("agent", stray.Agent);
                json.WriteString("definition", stray.Definition);
                if (stray.Move is { } move) WriteMove(json, move);
                json.WriteEndObject();
            });
        WriteProblems(json, "problems", plan.Problems);
        WriteProblems(json, "warnings", plan.Warnings);
    }

    /// <summary>Changes that were made, oldest first.</summary>
    public static void WriteChanges(Utf8JsonWriter json, string name, IEnumerable<TopologyChangeInfo> changes, Func<long, string> positionOf) => json.WriteList(name, changes, change =>
    {
        json.WriteStartObject();
        json.WriteString("position", positionOf(change.Offset));
        json.WriteString("at", TimeOf(change));
        json.WriteString("author", change.Author);
        if (change.Reason.Length > 0) json.WriteString("reason", change.Reason);
        json.WriteString("summary", change.Summary);
        json.WriteEndObject();
    });

    /// <summary>A changed definition that is watched.</summary>
    public static void WriteCanary(Utf8JsonWriter json, CanaryStatus canary)
    {
        json.WriteStartObject();
        json.WriteString("definition", canary.Definition);
        json.WriteString("state", canary.IsGoingBack ? "going-back" : "watched");
        json.WriteString("since", canary.Since.ToString());
        json.WriteString("until", DateTime.UnixEpoch.AddTicks(canary.UntilNs / 100).ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("share", canary.Share?.Text ?? "100%");
        json.WriteNumber("agents", canary.Living.Under);
        json.WriteNumber("of", canary.Living.All);
        json.WriteNumber("failures", canary.Failures);
        json.WriteNumber("failure_budget", canary.Policy.MaxFailures);
        json.WriteString("within", canary.Policy.WithinTimeRange.ToString("c", CultureInfo.InvariantCulture));
        json.WriteString("inputs", canary.Policy.Inputs.ToString().ToLowerInvariant());
        json.WriteNumber("emitted_since", canary.Emitted);
        json.WriteEndObject();
    }

    /// <summary>When a change was made, ISO 8601.</summary>
    public static string TimeOf(TopologyChangeInfo change) => DateTime.UnixEpoch.AddTicks(change.AtNs / 100).ToString("O", CultureInfo.InvariantCulture);

    private static void WriteMove(Utf8JsonWriter json, PlannedMove move)
    {
        json.WriteStartObject("state");
        json.WriteString("way", MoveChooser.Word(move.Way));
        json.WriteString("why", move.Why);
        if (move.FromVersion != 0) json.WriteNumber("from_version", move.FromVersion);
        if (move.ToVersion != 0) json.WriteNumber("to_version", move.ToVersion);
        json.WriteEndObject();
    }

    /// <summary>A field that changes.</summary>
    public static void WriteField(Utf8JsonWriter json, FieldChange field)
    {
        json.WriteStartObject();
        json.WriteString("field", field.Field);
        json.WriteString("from", field.From);
        json.WriteString("to", field.To);
        json.WriteEndObject();
    }

    private static void WriteProblems(Utf8JsonWriter json, string name, IEnumerable<TopologyProblem> problems) => json.WriteList(name, problems, problem =>
    {
        json.WriteStartObject();
        json.WriteString("path", problem.Path);
        json.WriteString("message", problem.Message);
        json.WriteEndObject();
    });
}
