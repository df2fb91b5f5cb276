using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>What operators do to an agent: <c>POST /v1/agents/NAME/pause</c>, <c>resume</c>, <c>reset</c>, <c>rewind</c>, <c>kill</c>, <c>simulate-crash</c>;
/// <c>rewind?dry_run=true</c> only says what would happen.</summary>
internal static class OperatorEndpoints
{
    /// <summary>The verbs, each a path of its own.</summary>
    public static readonly Dictionary<string, Func<HttpContext, IMeshNode, string, Task<string?>>> Verbs = new(StringComparer.Ordinal)
    {
        ["pause"] = (http, node, agent) => node.PauseAsync(agent, http.RequestAborted),
        ["resume"] = (http, node, agent) => node.ResumeAsync(agent, http.RequestAborted),
        ["reset"] = (http, node, agent) => node.ResetAsync(agent, http.RequestAborted),
        ["kill"] = (http, node, agent) => node.KillAsync(agent, http.RequestAborted),
        ["simulate-crash"] = (http, node, agent) => node.SimulateCrashAsync(agent, http.RequestAborted),
        ["rewind"] = RewindAsync,
    };

    /// <summary>204 when it is done and committed, 200 where it was only looked, 404 without such an agent, otherwise 409 with the reason.</summary>
    public static async Task HandleAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        if (await node.AgentAsync(path.Name, http.RequestAborted) is null)
            await new Problem(StatusCodes.Status404NotFound, $"There is no agent '{path.Name}'; see {AgentPath.Prefix.TrimEnd('/')} for those that are there.").WriteAsync(http);
        else if (TargetProblem(http) is { } bad) await new Problem(StatusCodes.Status400BadRequest, bad).WriteAsync(http);
        else if (IsDryRun(http) && path.Verb == "rewind") await LookAsync(http, node, path.Name);
        else if (await Verbs[path.Verb!](http, node, path.Name) is { } problem) await new Problem(StatusCodes.Status409Conflict, problem).WriteAsync(http);
        else http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task<string?> RewindAsync(HttpContext http, IMeshNode node, string agent)
    {
        Parse(http, out var target);
        return node.RewindAsync(agent, target!, http.RequestAborted);
    }

    private static bool IsDryRun(HttpContext http) => http.Request.Query["dry_run"].FirstOrDefault() == "true";

    private static async Task LookAsync(HttpContext http, IMeshNode node, string agent)
    {
        Parse(http, out var target);
        var (outlook, problem) = await node.LookAtRewindAsync(agent, target!, http.RequestAborted);
        if (outlook is null) await new Problem(StatusCodes.Status409Conflict, problem!).WriteAsync(http);
        else await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => Write(json, outlook));
    }

    private static void Write(Utf8JsonWriter json, AgentRewindOutlook outlook)
    {
        json.WriteStartObject();
        json.WriteString("agent", outlook.Agent);
        json.WriteBoolean("dry_run", true);
        json.WriteNumber("incarnation", outlook.Incarnation);
        json.WriteNumber("last_input", outlook.LastInput);
        json.WriteNumber("to_last_input", outlook.ToLastInput);
        if (outlook.Module is { } module) json.WriteString("module", module);
        json.WriteString("inputs", outlook.Inputs.ToString().ToLowerInvariant());
        json.WriteNumber("undone_turns", outlook.UndoneTurns);
        json.WriteList("undone", outlook.Undone, json.WriteNumberValue);
        json.WriteNumber("emitted_since", outlook.EmittedSince);
        json.WriteList("emitted", outlook.Emitted, json.WriteNumberValue);
        json.WriteNumber("taken_back", outlook.TakenBack);
        json.WriteNumber("repeated_turns", outlook.Repeated);
        json.WriteEndObject();
    }

    private static string? TargetProblem(HttpContext http) => Parse(http, out _);

    /// <summary>Reads <c>to</c>, <c>turns</c>, <c>snapshots</c> or <c>previous_version</c>, and <c>inputs</c>.</summary>
    /// <returns>What is wrong, one sentence, or null.</returns>
    private static string? Parse(HttpContext http, out RewindTarget? target)
    {
        target = null;
        var query = http.Request.Query;
        var read = RewindTarget.Default;
        if (query["to"].FirstOrDefault() is { } to)
        {
            if (!Position.TryParse(to, out var position)) return $"'to' must be a position as 0-1-1707, or an offset, but is '{to}'.";
            read = read with { To = position.Offset };
        }
        if (query["turns"].FirstOrDefault() is { } turns)
        {
            if (!int.TryParse(turns, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1) return $"'turns' must be 1 or more but is '{turns}'.";
            read = read with { Turns = count };
        }
        if (query["snapshots"].FirstOrDefault() is { } snapshots)
        {
            if (!int.TryParse(snapshots, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1) return $"'snapshots' must be 1 or more but is '{snapshots}'.";
            read = read with { Snapshots = count };
        }
        if (query["previous_version"].FirstOrDefault() is { } previous)
        {
            if (previous is not ("true" or "false")) return $"'previous_version' must be true or false but is '{previous}'.";
            if (previous == "true" && (read.To is not null || query.ContainsKey("turns") || query.ContainsKey("snapshots"))) return "'previous_version' says how far back; leave 'to', 'turns' and 'snapshots' out.";
            read = read with { PreviousVersion = previous == "true" };
        }
        if (query["inputs"].FirstOrDefault() is { } inputs)
        {
            if (!Enum.TryParse<RewindInputs>(inputs, ignoreCase: true, out var what) || !Enum.IsDefined(what)) return $"'inputs' must be suppressed, reprocessed or dropped but is '{inputs}'.";
            read = read with { Inputs = what };
        }
        target = read;
        return null;
    }
}
