using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Http;

/// <content>What the agents would have done under another topology.</content>
internal sealed partial class HistoryEndpoints
{
    /// <summary>
    /// <c>POST /v1/topology/trial?turns=COUNT&amp;since=POSITION&amp;agent=NAME&amp;state=WAY&amp;require=identical|no-new-failures|none</c>: tries the topology of the body. With
    /// <c>If-Match</c> only if that topology is in force.
    /// </summary>
    public async Task TrialAsync(HttpContext http, IMeshNode node)
    {
        if (await TopologyEndpoints.ReadAsync(http, node) is not { } read) return;
        var target = read with { Moves = TopologyEndpoints.MovesOf(http) };
        if (TopologyCheck.Check(target.Topology) is [var problem, ..])
        {
            await new Problem(StatusCodes.Status422UnprocessableEntity, $"{problem.Path}: {problem.Message}").WriteAsync(http);
            return;
        }
        var (basedOn, required) = (TopologyEndpoints.BasedOn(http), RequirementOf(http.Request.Query["require"].FirstOrDefault()));
        var scope = ScopeOf(new HistoryQuery(http.Request.Query), http.Request.Query);
        await ReplayAsync(http, (past, cancellation) => Try(past, target, scope, basedOn, cancellation), (json, trial) => TopologyTrialJson.Write(json, trial, required), "");
    }

    private static TopologyTrial Try(IOfflineLog past, TopologyTarget target, TrialScope scope, long? basedOn, CancellationToken cancellation)
    {
        var trial = past.TryTopology(target, scope, cancellation);
        return basedOn is null || trial.BasedOn.Offset == basedOn
            ? trial
            : throw new BadHttpRequestException($"The topology changed meanwhile: in force is that of {trial.BasedOn}; plan again and try what you then see.", StatusCodes.Status412PreconditionFailed);
    }

    private static TrialScope ScopeOf(HistoryQuery query, IQueryCollection parameters) => new()
    {
        Turns = parameters["turns"].FirstOrDefault() is { Length: > 0 } ? query.Number("turns", 0, 1, int.MaxValue) : null, Since = query.Position("since"),
        Agents = [.. parameters["agent"].OfType<string>().Where(name => name.Length > 0)],
    };

    private static TrialRequirement RequirementOf(string? text) => TopologyTrialJson.RequirementOf(text ?? TopologyTrialJson.NameOf(default))
        ?? throw new BadHttpRequestException($"The parameter 'require' must be {string.Join(", ", TopologyTrialJson.Requirements)} but is '{text}'.");
}
