using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <summary>Brings an agent to the state that its plan describes: an image, then the recorded turns after it.</summary>
internal static class AgentRebuild
{
    private static readonly Dictionary<Type, string> Codes = new()
    {
        [typeof(GuestRefusedException)] = "module-refused",
        [typeof(HostExhaustedException)] = GuestFault.HostOutOfMemory,
        [typeof(ImageCorruptException)] = "image-corrupt",
        [typeof(ReplayDivergedException)] = "replay-diverged",
        [typeof(LogCorruptException)] = "log-corrupt",
    };

    /// <summary>Rebuilds. Blocks the thread while events are read that are no longer in memory.</summary>
    /// <param name="context">What agents share.</param>
    /// <param name="start">The plan, with recent events.</param>
    /// <param name="image">The image to begin from, an earlier one than the planned one or null if that is damaged.</param>
    public static AgentRunner Run(AgentContext context, StartAgent start, AgentImage? image)
    {
        var plan = start.Plan;
        IReadOnlyList<LineageTurn> turns = plan.Inputs;
        List<LineageMove> moves = [.. plan.Moves];
        if (LineagePath.NeedsFirstTurn(moves)) image = null;
        if (plan.Image is null || image is null)
            if (plan.SavedImage is { } planned && (image is null || !IsOf(image, planned, context))) turns = [.. Before(context, planned, ref image, moves), .. turns];
        var (steps, begins) = LineagePath.Of(turns, [.. moves.DistinctBy(m => m.Input).Where(m => m == plan.Due || turns.Any(t => t.Input == m.Input))], plan.Agent.Definition);
        var imageOf = image is null ? null : context.IdentityOf(plan.Agent, plan.SavedImage?.Agent ?? plan.Agent.Number, image.Incarnation, begins);
        return AgentRunner.Rebuild(
            context.IdentityOf(plan.Agent), context.Identity, context.Guests, image, Recorded(context, plan.Agent, steps, start.Recent), imageOf, begins, plan.Due);
    }

    /// <summary>Whether an image is the one that is meant.</summary>
    public static bool IsOf(AgentImage image, LineageImage meant, AgentContext context) =>
        image.Input == meant.Input && image.Incarnation == meant.Incarnation && image.Agent == context.Names.In(meant.Agent, meant.Incarnation);

    /// <summary>The turns up to an image that cannot be had, from an older one on if that is of the same way, otherwise from turn 0.</summary>
    private static List<LineageTurn> Before(AgentContext context, LineageImage planned, ref AgentImage? older, List<LineageMove> moves)
    {
        var path = context.Journal.PathTo(planned, context.Names.AllOf, moves);
        if (path is { Turns: var turns } && older is { } image)
        {
            var last = turns.FindLastIndex(t => t.Input == image.Input && t.Incarnation == image.Incarnation && t.Agent == planned.Agent);
            var replayed = turns.FindLastIndex(t => moves.Exists(m => m.Way == MoveWay.Replay && m.Input == t.Input)); // an image from before it is of no use
            if (last >= replayed && last >= 0) return turns[(last + 1)..];
            if (replayed < 0 && path is { Before: { } before } && IsOf(image, before, context)) return turns;
        }
        older = null;
        return path is { IsWhole: true, Turns: var all }
            ? all
            : throw new LogCorruptException($"The image of '{context.Names[planned.Agent]}' at {planned.Input} cannot be had, and the log does not reach back to the first turn that it was made of.", Position.None);
    }

    /// <summary>Why an agent is unavailable.</summary>
    public static GuestFault FaultOf(Exception e) => new(FaultKind.Operating, Codes.GetValueOrDefault(e.GetType(), "rebuild-failed"), e.Message);

    /// <summary>The events of the turns, read as they are run: of a long way only some blocks of the log are in memory.</summary>
    private static IEnumerable<RecordedTurn> Recorded(AgentContext context, AgentInfo agent, IEnumerable<LineageStep> steps, ImmutableArray<MeshEvent> recent)
    {
        var known = recent.ToDictionary(e => e.Offset);
        var (count, old) = (0, 0);
        foreach (var step in steps)
        {
            count++;
            if (!known.ContainsKey(step.Turn.Input)) old = count;
        }
        var events = context.Journal.Events(steps.Take(old).Select(step => step.Turn.Input)).Concat(steps.Skip(old).Select(step => known[step.Turn.Input]));
        foreach (var (step, e) in steps.Zip(events))
        {
            yield return new RecordedTurn(e, step.Turn.Digest)
            {
                As = context.IdentityOf(agent, step.Turn.Agent, step.Turn.Incarnation, step.Definition), Move = step.Move, IsFree = step.IsFree,
            };
        }
    }
}
