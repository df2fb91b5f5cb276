using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Supervision;

/// <summary>
/// Supervises the groups, families and agents of one group. It decides nothing: what the core decided comes with the failure, and
/// <see cref="HealingStrategy"/> carries it out.
/// </summary>
internal sealed class GroupSupervisor : UntypedActor
{
    private readonly GroupNode node;
    private readonly HealingStrategy strategy;

    public GroupSupervisor(GroupNode node)
    {
        this.node = node;
        strategy = new HealingStrategy(node);
    }

    public static Props Props(GroupNode node) => Akka.Actor.Props.Create(() => new GroupSupervisor(node)).WithDispatcher(NodeConfig.MeshDispatcher);

    protected override SupervisorStrategy SupervisorStrategy() => strategy;

    protected override void PreStart() => MakeGroups();

    /// <summary>Keeps the children: a restart of the group restarts them in place, with paths and mailboxes.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartAgent start: Start(start); break;
            case StopAgent stop: Stop(stop); break;
            case Heal heal: HealAgent(heal); break;
            case UseTree use: Use(use.Newer); break;
            case CarryOut carryOut: strategy.CarryOutBelow(Context, carryOut.Failure); break;
            case Terminated terminated: Ended(terminated.ActorRef); break;
        }
    }

    private void MakeGroups()
    {
        foreach (var group in node.Groups)
        {
            if (node.ActorOfGroup(group.Group) is { } known && !Context.Child(known).IsNobody()) continue;
            var name = GroupNode.FreeName(Context, GroupNode.NameOf(group.Group));
            node.NoteGroup(group.Group, name);
            Context.ActorOf(Props(group), name);
        }
    }

    /// <summary>The tree has changed. Agents that are not where they were have been told to end before, and begin again after.</summary>
    private void Use(GroupNode newer)
    {
        var (gone, kept) = node.Adopt(newer);
        foreach (var name in gone) Context.Stop(Context.Child(name));
        foreach (var (actor, itsNewer) in kept) Context.Child(actor).Tell(new UseTree(itsNewer));
        MakeGroups();
    }

    private void Start(StartAgent start)
    {
        var info = start.Plan.Agent;
        var name = node.ChildWith(info.Number) ?? NewName(info);
        node.Note(info.Number, name);
        if (!node.IsAgent(info.Definition)) Container(name, info.Definition).Forward(start);
        else
        {
            node.Agents[name] = (info.Number, start.Plan.Token);
            if (node.Ending.ContainsKey(name)) node.Ending[name] = start;
            else Agent(name).Forward(start);
        }
    }

    /// <summary>The child that an agent is to have; where a supervisor has that name, which is ending or stays, another one.</summary>
    private string NewName(AgentInfo info)
    {
        var name = node.ChildOf(info.Definition, info.Name);
        var isTaken = node.IsAgent(info.Definition) ? !node.Agents.ContainsKey(name) && !node.Ending.ContainsKey(name) : info.Definition.Group == node.Group && !node.Families.ContainsKey(name);
        return isTaken ? GroupNode.FreeName(Context, name) : name;
    }

    private IActorRef Agent(string name)
    {
        var child = Context.Child(name);
        return child.IsNobody() ? Context.Watch(Context.ActorOf(AgentActor.Props(node.Context).WithDispatcher(NodeConfig.GuestsDispatcher), name)) : child;
    }

    private IActorRef Container(string name, AgentDefinition definition)
    {
        var child = Context.Child(name);
        if (definition.Group != node.Group || (!child.IsNobody() && node.Families.ContainsKey(name))) return child;
        node.NoteFamily(definition.Name, name);
        return Context.ActorOf(Props(node.Families[name] = node.NewFamily()), name);
    }

    /// <summary>The agent is where its last life began, whatever its definition says by now.</summary>
    private void Stop(StopAgent stop)
    {
        if (node.ChildWith(stop.Agent.Number) is not { } name) return;
        if (!node.Agents.TryGetValue(name, out var live))
        {
            node.Forget(stop.Agent.Number);
            Context.Child(name).Forward(stop);
        }
        else if (live.Agent == stop.Agent.Number && live.Token <= stop.Token) node.EndAgent(Context, name);
    }

    /// <summary>The failing actor throws, so that Akka's own supervision begins. If it is gone, its supervisor acts for it.</summary>
    private void HealAgent(Heal heal)
    {
        var child = node.ChildWith(heal.Failure.Decision.Agent);
        if (!node.IsAgent(heal.Definition) && child is not null) Context.Child(child).Forward(heal);
        else if (child is not null && node.Agents.ContainsKey(child) && !node.Ending.ContainsKey(child)) Context.Child(child).Forward(heal.Failure);
        else if (strategy.IsDecider(heal.Failure)) strategy.CarryOut(Context, heal.Failure, null);
        else throw heal.Failure;
    }

    private void Ended(IActorRef ended)
    {
        var name = ended.Path.Name;
        if (Context.Child(name) is { } successor && !successor.IsNobody() && !successor.Equals(ended)) return;
        if (!node.Ending.Remove(name, out var next))
        {
            if (!node.Agents.Remove(name, out var lost)) return;
            node.Forget(lost.Agent);
            node.Context.Shard.Tell(new AgentIsLost(lost.Agent, lost.Token));
        }
        else if (next is not null) Agent(name).Tell(next);
    }
}
