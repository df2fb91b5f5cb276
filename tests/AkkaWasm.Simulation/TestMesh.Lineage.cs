using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>What the log says of the lives of agents, and the way back to an older one.</content>
internal sealed partial class TestMesh
{
    private string NameOf(int agent) => Shard.Agent(agent)!.Name;

    private AgentIdentity Life(RebuildPlan plan, int agent, int incarnation) => new(agent, NameOf(agent), incarnation, plan.Agent.Definition, NameOf);

    private void Plan(PlanRewind rewind)
    {
        try
        {
            var plan = Lives(rewind.Agent).Plan(rewind.Target, TurnsOf);
            var name = NameOf(rewind.Agent);
            var image = Store.Images.Keys.Where(i => i.Agent == name && i.Input <= plan.LastInput).OrderByDescending(i => i.Input)
                .Select(i => plan.From(new LineageImage(rewind.Agent, i.Incarnation, i.Input, AgentImage.FromBytes(Store.Images[i]).Hash))).FirstOrDefault(p => p is not null);
            Shard.RewindPlanned(rewind.Agent, rewind.Token, image ?? plan, NowNs);
        }
        catch (RewindRefusedException e)
        {
            Shard.RewindRefused(rewind.Agent, rewind.Token, e.Message, NowNs);
        }
    }

    private AgentLives Lives(int agent)
    {
        var lives = new AgentLives(agent);
        foreach (var record in Store.Records()) lives.Take(record);
        return lives;
    }

    private List<LineageTurn>? TurnsOf(LineageImage image) => Lives(image.Agent).Turns(image.Incarnation, image.Input, TurnsOf);
}
