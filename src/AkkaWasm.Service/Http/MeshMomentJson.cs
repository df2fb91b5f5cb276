using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>The mesh at a cut, and causes with effects, as JSON, the same for the HTTP interface and for verbs.</summary>
internal static class MeshMomentJson
{
    public static void Write(Utf8JsonWriter json, MeshMoment moment)
    {
        json.WriteStartObject();
        json.WriteString("mesh", moment.Mesh);
        json.WriteString("cut", moment.Cut.ToString());
        json.WriteString("at", Time(moment.AtNs));
        json.WriteString("topology_hash", moment.TopologyHash);
        json.WriteNumber("events", moment.Totals.Events);
        json.WriteNumber("turns", moment.Totals.Turns);
        json.WriteList("agents", moment.Agents, agent => Write(json, agent));
        json.WriteList("timers", moment.Timers, timer =>
        {
            json.WriteStartObject();
            json.WriteString("agent", timer.Agent);
            json.WriteNumber("timer", timer.Record.Timer);
            json.WriteString("due", Time(timer.Record.DueNs));
            json.WriteString("topic", timer.Record.Topic);
            json.WriteBoolean("is_timeout", timer.Record.IsTimeout);
            json.WriteEndObject();
        });
        json.WriteList("cursors", moment.Cursors, cursor =>
        {
            json.WriteStartObject();
            json.WriteString("source", cursor.Key);
            json.WriteBase64String("cursor_base64", cursor.Value.Span);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CauseReport report)
    {
        json.WriteStartObject();
        json.WriteList("causes", report.Causes, entry => LogEntryText.WriteJson(json, entry));
        if (report.Effects is { } effects)
        {
            json.WriteList("effects", effects.Effects, effect => Write(json, effect));
            json.WriteBoolean("is_cut", report.IsCut);
        }
        json.WriteEndObject();
    }

    public static string Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("O", CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, CauseNode node)
    {
        json.WriteStartObject();
        json.WritePropertyName("record");
        LogEntryText.WriteJson(json, node.Entry);
        if (!node.Effects.IsEmpty) json.WriteList("effects", node.Effects, effect => Write(json, effect));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AgentAtCut agent)
    {
        json.WriteStartObject();
        json.WriteString("name", agent.Status.Name);
        json.WriteString("state", AgentJson.NameOf(agent.Status.State));
        json.WriteNumber("incarnation", agent.Status.Incarnation);
        json.WriteNumber("turns", agent.Status.Turns);
        json.WriteNumber("failures", agent.Status.Failures);
        json.WriteNumber("pending", agent.Status.Pending);
        if (agent.Status.LastInput != Position.None) json.WriteNumber("last_input", agent.Status.LastInput);
        AgentJson.WriteHash(json, agent.Hash);
        if (agent.Problem is not null) json.WriteString("problem", agent.Problem);
        json.WriteList("quarantine", agent.Quarantine, q => json.WriteNumberValue(q.Input));
        json.WriteEndObject();
    }
}
