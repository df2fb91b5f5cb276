using System.Globalization;
using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Http;

/// <summary>The health of agents as JSON.</summary>
internal static class HealthJson
{
    /// <summary>Writes the field <c>health</c>: the level, what the guest said, what the mesh said, and what there is to be seen.</summary>
    public static void Write(Utf8JsonWriter json, AgentHealthStatus health)
    {
        json.WriteStartObject("health");
        json.WriteString("level", AgentJson.NameOf(health.Level));
        Write(json, "reported", health.Reported);
        Write(json, "observed", health.Observed);
        json.WriteNumber("age_ms", health.AgeNs / 1_000_000);
        json.WriteNumber("failure_share", Math.Round(health.FailureShare, 4));
        if (health.TurnNs is { } turn) json.WriteNumber("turn_ms", Math.Round(turn / 1e6, 3));
        if (health.MemoryBytes is { } memory) json.WriteNumber("memory_bytes", memory);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, HealthStatement? statement)
    {
        if (statement is null) return;
        json.WriteStartObject(name);
        json.WriteString("level", AgentJson.NameOf(statement.Level));
        if (statement.Signal != HealthSignal.Guest) json.WriteString("signal", HoconCursor.KebabCase(statement.Signal.ToString()));
        json.WriteString("reason", statement.Reason);
        json.WriteNumber("offset", statement.Offset);
        json.WriteString("at", DateTime.UnixEpoch.AddTicks(statement.AtNs / 100).ToString("O", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }
}
