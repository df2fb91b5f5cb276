using System.Globalization;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Http;

/// <summary>Reads how a change is to be watched: <c>?watch=5m&amp;failure_budget=3&amp;within=1m&amp;inputs=suppressed&amp;canary=10%25</c>.</summary>
internal static class CanaryQuery
{
    /// <summary>The policy, or null where nothing is said of a watch.</summary>
    /// <exception cref="BadHttpRequestException">A parameter is none that is possible.</exception>
    public static CanaryPolicy? Read(IQueryCollection query)
    {
        var (watch, budget, within, inputs) = (query["watch"].FirstOrDefault(), query["failure_budget"].FirstOrDefault(), query["within"].FirstOrDefault(), query["inputs"].FirstOrDefault());
        var canary = query["canary"].FirstOrDefault();
        if (watch is null)
            return budget is null && within is null && inputs is null && canary is null ? null
                : throw new BadHttpRequestException("The parameters 'failure_budget', 'within', 'inputs' and 'canary' are of a change that is watched; say for how long, as ?watch=5m.");
        var policy = new CanaryPolicy { Watch = Duration("watch", watch) };
        if (within is not null) policy = policy with { WithinTimeRange = Duration("within", within) };
        if (budget is not null) policy = policy with { MaxFailures = Count(budget) };
        if (inputs is not null) policy = policy with { Inputs = Inputs(inputs) };
        if (canary is not null) policy = policy with { ShareBasisPoints = Share(canary) };
        return policy.FindProblem() is { } problem ? throw new BadHttpRequestException(problem) : policy;
    }

    private static TimeSpan Duration(string name, string text) => HoconUnits.TryParseDuration(text, out var duration)
        ? duration
        : throw new BadHttpRequestException($"The parameter '{name}' must be a duration such as 5m or 30s but is '{text}'.");

    private static RewindInputs Inputs(string text) => Enum.TryParse<RewindInputs>(text, ignoreCase: true, out var inputs) && Enum.IsDefined(inputs)
        ? inputs
        : throw new BadHttpRequestException($"The parameter 'inputs' must be suppressed, reprocessed or dropped but is '{text}'.");

    private static int Share(string text) => KeyShare.TryParse(text, out var basisPoints)
        ? basisPoints
        : throw new BadHttpRequestException($"The parameter 'canary' must be a share from 0.01% to 100%, written as 10% or 0.5%, but is '{text}'.");

    private static int Count(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? count
        : throw new BadHttpRequestException($"The parameter 'failure_budget' must be a number but is '{text}'.");
}
