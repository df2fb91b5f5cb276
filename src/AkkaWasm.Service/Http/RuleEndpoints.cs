using AkkaWasm.Actors;

namespace AkkaWasm.Service.Http;

/// <summary>What operators see of rules: <c>GET /v1/rules</c>, <c>GET /v1/rules/NAME</c>.</summary>
internal static class RuleEndpoints
{
    /// <summary>The path under which rules are.</summary>
    public const string Path = "/v1/rules";

    /// <summary>All rules, in the order of definition.</summary>
    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        var rules = await node.RulesAsync(http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rules");
            foreach (var rule in rules) RuleJson.Write(json, rule);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>One rule, 404 without such a one.</summary>
    public static async Task ShowAsync(HttpContext http, IMeshNode node)
    {
        var name = (string)http.GetRouteValue("name")!;
        if ((await node.RulesAsync(http.RequestAborted)).FirstOrDefault(rule => rule.Rule.Name == name) is { } found)
            await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => RuleJson.Write(json, found));
        else await new Problem(StatusCodes.Status404NotFound, $"There is no rule '{name}'; see {Path} for those that are there.").WriteAsync(http);
    }
}
