using System.Collections.Immutable;
using AkkaWasm.Actors;

namespace AkkaWasm.Service.Configuration;

/// <summary>Everything that a configuration file says, checked. Immutable.</summary>
/// <param name="File">The configuration file as it was named.</param>
/// <param name="Node">The node; modules of its agents are missing until <see cref="ModuleLoader"/> has read them.</param>
/// <param name="Agents">The agents in the order of definition.</param>
/// <param name="Http">The HTTP interface.</param>
/// <param name="Log">Logs.</param>
internal sealed record ServiceConfiguration(string File, MeshNodeOptions Node, ImmutableArray<ConfiguredAgent> Agents, HttpOptions Http, LogOptions Log)
{
    /// <summary>How many turns and saved images of agents a look at the past of all agents has in memory.</summary>
    public int MaxReplayTurns { get; init; } = LogLocation.DefaultMaxReplayTurns;

    /// <summary>The store of modules; its keys are read only where modules are to be trusted.</summary>
    public required ModuleSettings Modules { get; init; }

    /// <summary>How far trials go.</summary>
    public TrialLimits Trials { get; init; } = new();

    /// <summary>The rules in the order of definition, with the modules that they name.</summary>
    public ImmutableArray<ConfiguredRule> Rules { get; init; } = [];

    /// <summary>All agents, and what rules would make of them.</summary>
    public IEnumerable<ConfiguredAgent> WithReplacements => Agents.Concat(
        from rule in Rules where rule.Module is not null
        join agent in Agents on rule.Definition.Definition equals agent.Definition.Name
        select agent with { Module = rule.Module });
}
