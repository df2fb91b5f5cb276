using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Topology;

/// <summary>Trials of a topology as JSON.</summary>
internal static class TopologyTrialJson
{
    /// <summary>The names of what can be required.</summary>
    public static string[] Requirements { get; } = [.. Enum.GetValues<TrialRequirement>().Select(NameOf)];

    /// <summary>The name of a requirement.</summary>
    public static string NameOf(TrialRequirement requirement) => HoconCursor.KebabCase(requirement.ToString());

    /// <summary>The requirement of a name, or null.</summary>
    public static TrialRequirement? RequirementOf(string name) => Array.IndexOf(Requirements, name) is >= 0 and var at ? Enum.GetValues<TrialRequirement>()[at] : null;

    /// <summary>Writes a trial with whether it shows what is required.</summary>
    public static void Write(Utf8JsonWriter json, TopologyTrial trial, TrialRequirement required)
    {
        json.WriteStartObject();
        json.WriteString("based_on", trial.BasedOn.ToString());
        json.WriteString("last", trial.Last.ToString());
        json.WriteString("require", NameOf(required));
        json.WriteBoolean("met", trial.Meets(required));
        json.WriteNumber("turns", trial.Turns);
        json.WriteNumber("differing", trial.Differing);
        json.WriteNumber("new_failures", trial.NewFailures);
        json.WriteNumber("mended", trial.Mended);
        json.WriteNumber("quarantined_mended", trial.QuarantinedMended);
        json.WriteList("definitions", trial.Definitions, definition =>
        {
            json.WriteStartObject();
            json.WriteString("name", definition.Definition);
            json.WriteNumber("living", definition.Living);
            json.WriteList("fields", definition.Fields, field => PlanJson.WriteField(json, field));
            json.WriteList("agents", definition.Agents, agent => TrialText.WriteJson(json, agent));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
