using System.Globalization;

namespace AkkaWasm.Service.Http;

/// <summary>What a path below <c>/v1/agents/</c> asks for.</summary>
internal enum AgentResource
{
    Agent,
    Quarantine,
    QuarantinedEvent,
    Release,
    State,
    Turns,
    Difference,
    Fork,
    Operation,
}

/// <summary>
/// A path below <c>/v1/agents/</c>. The name of an agent may hold slashes, plain or percent-encoded; where a name ends like a resource, the
/// encoded form tells it apart.
/// </summary>
internal sealed record AgentPath(AgentResource Resource, string Name, long Offset)
{
    /// <summary>What is to be done to the agent, one of <see cref="OperatorEndpoints.Verbs"/>.</summary>
    public string? Verb { get; private init; }

    public const string Prefix = "/v1/agents/";

    /// <summary>Reads the target of a request as it was sent, because only there an encoded slash differs from a plain one.</summary>
    /// <returns>The path, or null if it is none.</returns>
    public static AgentPath? Parse(string rawTarget, bool isPost = false)
    {
        var query = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? rawTarget : rawTarget[..query];
        if (!path.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || path.Length == Prefix.Length) return null;
        var parts = path[Prefix.Length..].Split('/');
        return parts switch
        {
            [_, .., "quarantine"] => Of(AgentResource.Quarantine, parts[..^1], 0),
            [_, .., "quarantine", var offset] when TryOffset(offset, out var at) => Of(AgentResource.QuarantinedEvent, parts[..^2], at),
            [_, .., "quarantine", var offset, "release"] when TryOffset(offset, out var at) => Of(AgentResource.Release, parts[..^3], at),
            [_, .., "state"] => Of(AgentResource.State, parts[..^1], 0),
            [_, .., "turns"] => Of(AgentResource.Turns, parts[..^1], 0),
            [_, .., "difference"] => Of(AgentResource.Difference, parts[..^1], 0),
            [_, .., "fork"] => Of(AgentResource.Fork, parts[..^1], 0),
            [_, .., var verb] when isPost && parts.Length > 1 && OperatorEndpoints.Verbs.ContainsKey(verb) => Of(AgentResource.Operation, parts[..^1], 0) with { Verb = verb },
            _ => Of(AgentResource.Agent, parts, 0),
        };
    }

    private static AgentPath Of(AgentResource resource, string[] name, long offset) => new(resource, string.Join('/', name.Select(Uri.UnescapeDataString)), offset);

    private static bool TryOffset(string text, out long offset) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out offset);
}
