using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// A new agent begins with the state of another. It has the definition of its origin and a name of its own; topics are subscribed to by definitions' own
/// agents, so it gets what is sent to its private topic and nothing else. Timers and requests of its origin do not come along.
/// </content>
public sealed partial class Shard
{
    /// <summary>Makes an agent with the state that another one had.</summary>
    /// <param name="origin">Name of the other.</param>
    /// <param name="name">Name of the new one: a topic token that no agent and no definition has.</param>
    /// <param name="plan">What the state is made of, as the committed log says.</param>
    /// <param name="ticket">Comes back in an <see cref="AnswerOperator"/> when that is committed.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void Fork(string origin, string name, RewindPlan plan, object ticket, long now)
    {
        Advance(now);
        if (CannotFork(origin, name, plan) is { } problem)
        {
            effects.Add(new AnswerOperator(ticket, problem));
            return;
        }
        var from = state.Find(origin)!;
        var number = state.Agents.Count;
        Append(new AgentRecord(number, AgentChange.Forked, name, from.DefinitionName, null, 1));
        Append(new LineageRecord { Agent = number, Image = plan.Image, Turns = plan.Turns, Moves = plan.MovesAmongTurns });
        if (from.RunsAs is { } older) Append(new AgentVersionRecord(number, AgentVersionStep.Inherited, older));
        var entry = state.Agents[number];
        AppendLifecycle(entry, AgentName.Lifecycle(name, "forked"), LifecycleData.Agent(name, 1, $"from '{origin}' as of offset {plan.LastInput}"), null);
        Gate(new AnswerOperator(ticket, null), state.NextOffset - 1);
        BeginLife(entry);
    }

    private string? CannotFork(string origin, string name, RewindPlan plan)
    {
        if (state.Find(origin) is not { } from || (plan.Agent >= 0 && plan.Agent != from.Number)) return $"There is no agent '{origin}' any more; it has another name since it was asked for.";
        if (state.Definition(from.DefinitionName) is null) return $"The topology does not define '{from.DefinitionName}' any more, so that a fork of '{origin}' could not run.";
        if (SeesAnother(from, plan.LastLife) is { } another) return another;
        if (!TopicName.IsToken(name) || name.Length > AgentDefinition.MaxNameLength)
            return $"'{name}' cannot name a fork; use letters, digits, '-' and '_', at most {AgentDefinition.MaxNameLength} of them.";
        if (state.Find(name) is not null || state.Definition(name) is not null) return $"There is an agent or a definition '{name}' already; choose another name.";
        if (state.FirstIncarnation(name) > 1) return $"'{name}' was the name of an agent that was renamed; choose another name.";
        if (state.Definition(from.DefinitionName)?.Canary is { Share: var share } && share.Includes(origin) != share.Includes(name))
            return $"A version of '{from.DefinitionName}' is tried on {share.Text} of its agents, and '{name}' would not be under the same as '{origin}'; choose another name, or wait until that is decided.";
        if (LiesBeforeTheLog($"To begin as of offset {plan.LastInput}", plan.Turns.Select(t => t.Input)) is { } problem) return problem;
        return plan.Turns.Length > options.MaxRewindTurns
            ? $"To begin as of offset {plan.LastInput} takes {plan.Turns.Length} turns from the last snapshot before it; at most {options.MaxRewindTurns} are possible (max-rewind-turns)."
            : null;
    }
}
