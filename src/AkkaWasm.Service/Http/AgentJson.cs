using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Service.Http;

/// <summary>Agents as JSON, the same for the HTTP interface and for reports.</summary>
internal static class AgentJson
{
    /// <summary>An agent's state in one word.</summary>
    public static string NameOf(AgentState state) => state.ToString().ToLowerInvariant();

    /// <summary>A level of health in one word.</summary>
    public static string NameOf(AgentHealthLevel level) => level.ToString().ToLowerInvariant();

    /// <summary>What is known of an agent.</summary>
    public static void Write(Utf8JsonWriter json, AgentStatus agent)
    {
        json.WriteStartObject();
        WriteFields(json, agent);
        json.WriteEndObject();
    }

    /// <summary>What is known of an agent, with the hash of its state.</summary>
    public static void Write(Utf8JsonWriter json, AgentStatus agent, StateHash? hash)
    {
        json.WriteStartObject();
        WriteFields(json, agent);
        WriteHash(json, hash);
        json.WriteEndObject();
    }

    public static void WriteHash(Utf8JsonWriter json, StateHash? hash)
    {
        if (hash is { } value) json.WriteString("state_hash", value.ToString());
        else json.WriteNull("state_hash");
    }

    /// <summary>An event that was put aside, with the event itself; one that was not delivered stands in its dead letter.</summary>
    public static void Write(Utf8JsonWriter json, QuarantinedEvent quarantined, CommittedEvent e)
    {
        json.WriteStartObject();
        WriteFields(json, quarantined);
        json.WritePropertyName("event");
        json.WriteRawValue(CloudEventJson.Write(e).Span);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, QuarantinedEvent quarantined)
    {
        json.WriteStartObject();
        WriteFields(json, quarantined);
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, QuarantinedEvent quarantined)
    {
        json.WriteString("agent", quarantined.Agent);
        json.WriteNumber("offset", quarantined.Input);
        json.WriteString("at", Time(quarantined.AtNs));
        json.WritePropertyName("fault");
        Write(json, quarantined.Fault);
    }

    public static void Write(Utf8JsonWriter json, GuestFault fault)
    {
        json.WriteStartObject();
        json.WriteString("kind", FaultNames.Of(fault.Kind));
        json.WriteString("code", fault.Code);
        json.WriteString("message", fault.Message);
        json.WriteStartArray("back_trace");
        foreach (var frame in fault.BackTrace) json.WriteStringValue(frame);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("O", CultureInfo.InvariantCulture);

    private static void WriteFields(Utf8JsonWriter json, AgentStatus agent)
    {
        json.WriteString("name", agent.Name);
        json.WriteString("definition", agent.Definition);
        if (agent.Key is { } key) json.WriteString("key", key);
        if (agent.ModuleHash.Length > 0) json.WriteString("module", agent.ModuleHash);
        if (agent.TriedIn is { } share) json.WriteString("tried_in", share.Text);
        json.WriteString("state", NameOf(agent.State));
        json.WriteNumber("incarnation", agent.Incarnation);
        json.WriteNumber("turns", agent.Turns);
        json.WriteNumber("failures", agent.Failures);
        json.WriteNumber("healed", agent.Healed);
        json.WriteNumber("quarantined", agent.Quarantined);
        json.WriteNumber("pending", agent.Pending);
        HealthJson.Write(json, agent.Health);
        if (agent.LastInput != Position.None) json.WriteNumber("last_input", agent.LastInput);
        if (agent.RunsModule is { } module)
        {
            json.WriteString("runs_module", module);
            json.WriteNumber("runs_since", agent.RunsSince);
        }
        if (agent.Why is { } why) json.WriteString("why", why);
        if (agent.BackoffUntilNs is { } until) json.WriteString("backoff_until", Time(until));
        json.WriteStartObject("ladder");
        json.WriteString("directive", agent.Directive.ToString().ToLowerInvariant());
        json.WriteNumber("rung", agent.Rung);
        json.WriteNumber("spent", agent.BudgetSpent);
        json.WriteNumber("budget", agent.Budget);
        json.WriteEndObject();
        if (agent.LastFailedInput != Position.None) json.WriteNumber("last_failed_input", agent.LastFailedInput);
        if (agent.LastFault is not { } fault) return;
        json.WritePropertyName("last_fault");
        Write(json, fault);
    }
}
