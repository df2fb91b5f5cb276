using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>Moments of agents, their steps and the outputs of turns as JSON, the same for the HTTP interface and for verbs.</summary>
internal static class MomentJson
{
    public static void Write(Utf8JsonWriter json, AgentMoment moment)
    {
        json.WriteStartObject();
        json.WriteString("agent", moment.Agent);
        json.WriteString("definition", moment.Definition);
        json.WriteNumber("incarnation", moment.Incarnation);
        json.WriteNumber("last_input", moment.LastInput);
        json.WriteNumber("last_turn", moment.LastTurn);
        json.WriteNumber("turns", moment.Turns);
        json.WriteNumber("failures", moment.Failures);
        if (moment.FromImage >= 0) json.WriteNumber("from_image", moment.FromImage);
        AgentJson.WriteHash(json, moment.Hash);
        json.WriteObject("state", moment.State, DifferenceJson.Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, MomentComparison comparison)
    {
        json.WriteStartObject();
        json.WriteObject("first", comparison.First, Write);
        json.WriteObject("second", comparison.Second, Write);
        json.WriteObject("difference", comparison.Difference, DifferenceJson.Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ReplayStep step)
    {
        json.WriteStartObject();
        json.WriteNumber("number", step.Number);
        json.WriteNumber("turn", step.Turn);
        json.WriteNumber("incarnation", step.Incarnation);
        json.WriteNumber("attempt", step.Attempt);
        json.WriteString("position", step.Input.Position.ToString());
        json.WritePropertyName("event");
        json.WriteRawValue(CloudEventJson.Write(step.Input).Span);
        json.WriteObject("fault", step.Fault, AgentJson.Write);
        json.WriteList("outputs", step.Outputs, output => Write(json, output));
        if (step.Fuel > 0) json.WriteNumber("fuel", step.Fuel);
        if (step.Hash is not null) AgentJson.WriteHash(json, step.Hash);
        json.WriteObject("changes", step.Changes, DifferenceJson.Write);
        if (step.NotRun is not null) json.WriteString("not_run", step.NotRun);
        if (step.Divergence is not null) json.WriteString("divergence", step.Divergence);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, TurnOutput output)
    {
        json.WriteStartObject();
        switch (output)
        {
            case EventEmitted { Event: var e } emitted:
                json.WriteString("what", e.Origin.ToString().ToLowerInvariant());
                json.WriteString("topic", e.Topic);
                if (e.Subject is not null) json.WriteString("subject", e.Subject);
                if (e.ContentType is not null) json.WriteString("content_type", e.ContentType);
                if (e.Correlation != 0) json.WriteNumber("correlation", e.Correlation);
                if (emitted.TimeoutNs > 0) json.WriteNumber("timeout_ms", emitted.TimeoutNs / 1_000_000);
                WriteData(json, e.Data);
                break;
            case TimerSet timer:
                json.WriteString("what", "timer");
                json.WriteNumber("timer", timer.Timer);
                json.WriteNumber("delay_ms", timer.DelayNs / 1_000_000);
                json.WriteString("topic", timer.Topic);
                WriteData(json, timer.Data);
                break;
            case TimerCancelled cancelled:
                json.WriteString("what", "cancel");
                json.WriteNumber("timer", cancelled.Timer);
                break;
            case AgentSpawned spawned:
                json.WriteString("what", "spawn");
                json.WriteString("agent", $"{spawned.Definition}/{spawned.Key}");
                break;
            case AgentStopped stopped:
                json.WriteString("what", "stop");
                json.WriteString("agent", stopped.Agent);
                break;
            case AgentWatched watched:
                json.WriteString("what", "watch");
                json.WriteString("agent", watched.Agent);
                break;
            case HealthReported health:
                json.WriteString("what", "health");
                json.WriteString("level", AgentJson.NameOf(health.Level));
                json.WriteString("reason", health.Reason);
                break;
            case LineLogged line:
                json.WriteString("what", "log");
                json.WriteNumber("level", line.Level);
                json.WriteString("text", line.Text);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, ReadOnlyMemory<byte> data)
    {
        if (Utf8.IsValid(data.Span)) json.WriteString("data", Encoding.UTF8.GetString(data.Span));
        else json.WriteBase64String("data_base64", data.Span);
    }
}
