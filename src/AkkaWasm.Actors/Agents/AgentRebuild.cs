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
    /// <param name="image">The image to begin from, older than the planned one or null if that is damaged.</param>
    public static AgentRunner Run(AgentContext context, StartAgent start, AgentImage? image)
    {
        var plan = start.Plan;
        var planned = BaseOf(plan);
        var from = image?.Input ?? Position.None;
        List<(long Input, ulong Digest)> turns = from < planned
            ? [.. context.Journal.Turns(plan.Agent.Number, plan.Agent.Incarnation, from, planned), .. plan.Inputs]
            : [.. plan.Inputs];
        return AgentRunner.Rebuild(context.IdentityOf(plan.Agent), context.Identity, context.Guests, image, Recorded(context, turns, start.Recent));
    }

    /// <summary>Offset of the last event in the image that a plan begins from, or <see cref="Position.None"/>.</summary>
    public static long BaseOf(RebuildPlan plan) => plan.Image?.Input ?? plan.SavedImageInput;

    /// <summary>Why an agent is unavailable.</summary>
    public static GuestFault FaultOf(Exception e) => new(FaultKind.Operating, Codes.GetValueOrDefault(e.GetType(), "rebuild-failed"), e.Message);

    private static IEnumerable<RecordedTurn> Recorded(AgentContext context, List<(long Input, ulong Digest)> turns, IReadOnlyList<MeshEvent> recent)
    {
        var old = turns.Count - recent.Count;
        var at = 0;
        foreach (var e in context.Journal.Events([.. turns.Take(old).Select(t => t.Input)])) yield return new RecordedTurn(e, turns[at++].Digest);
        foreach (var e in recent) yield return new RecordedTurn(e, turns[at++].Digest);
    }
}
