using System.Text.Json;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Cli;

/// <summary>Plans for people: one line for each step, fields below it.</summary>
internal static class PlanText
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["mesh-changed"] = "change", ["group-defined"] = "define", ["group-changed"] = "change", ["group-renamed"] = "rename", ["group-removed"] = "remove",
        ["agent-defined"] = "define", ["agent-changed"] = "change", ["agent-renamed"] = "rename", ["agent-regrouped"] = "regroup", ["agent-stopped"] = "stop",
        ["agent-replaced"] = "replace",
    };

    /// <summary>Writes a plan.</summary>
    public static void Write(CliContext context, TopologyPlan plan)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            PlanJson.WriteFields(json, plan);
            json.WriteEndObject();
        }
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        Write(context, document.RootElement);
    }

    /// <summary>Writes a plan as a node told it.</summary>
    /// <param name="context">Where it goes.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="composed">Of what agents are composed that are, by name.</param>
    public static void Write(CliContext context, JsonElement plan, IReadOnlyDictionary<string, string>? composed = null)
    {
        foreach (var step in plan.GetProperty("steps").EnumerateArray())
        {
            var living = step.TryGetProperty("living", out var count) ? $"  ({count.GetInt32()} living)" : "";
            var part = step.TryGetProperty("share", out var share) ? $"  on {share.GetString()} of the agents" : step.TryGetProperty("all_but", out share) ? $"  on all but {share.GetString()} of the agents" : "";
            context.Out.WriteLine($"{Words[step.GetProperty("kind").GetString()!],-8}{step.GetProperty("path").GetString()}{part}{living}");
            if (step.GetProperty("path").GetString()!.Split('.', 2) is ["agents", var name] && composed?.GetValueOrDefault(name) is { } parts) context.Out.WriteLine($"        composed of {parts}");
            if (step.TryGetProperty("state", out var state))
                context.Out.WriteLine($"        state by {state.GetProperty("way").GetString()} ({state.GetProperty("why").GetString()})");
            if (!step.TryGetProperty("fields", out var fields)) continue;
            foreach (var field in fields.EnumerateArray())
                context.Out.WriteLine($"        {field.GetProperty("field").GetString()}: {field.GetProperty("from").GetString()} → {field.GetProperty("to").GetString()}");
        }
        if (plan.TryGetProperty("older_versions", out var strays))
            foreach (var stray in strays.EnumerateArray())
                context.Out.WriteLine($"{"move",-8}agents.{stray.GetProperty("agent").GetString()} from the older version that it runs{(stray.TryGetProperty("state", out var state) ? $", state by {state.GetProperty("way").GetString()} ({state.GetProperty("why").GetString()})" : ", which is the one that is defined")}");
        WriteProblems(context, plan, "warnings", "warning");
        WriteProblems(context, plan, "problems", "problem");
        context.Out.WriteLine(plan.GetProperty("summary").GetString());
    }

    private static void WriteProblems(CliContext context, JsonElement plan, string list, string word)
    {
        foreach (var problem in plan.GetProperty(list).EnumerateArray())
            context.Out.WriteLine($"{word}: {problem.GetProperty("path").GetString()}: {problem.GetProperty("message").GetString()}");
    }
}
