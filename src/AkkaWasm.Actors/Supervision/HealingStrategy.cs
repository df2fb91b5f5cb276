using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Util;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Supervision;

/// <summary>
/// Carries out what the core decided about a failure. The failure climbs to the supervisor of the group that decided; there the decision
/// becomes Akka's directive for exactly the actors that it touches. New guests follow when the shard begins new lives.
/// </summary>
internal sealed class HealingStrategy : SupervisorStrategy
{
    private static readonly Dictionary<HealingDirective, Directive> Directives = new()
    {
        [HealingDirective.Resume] = Directive.Resume,
        [HealingDirective.Restart] = Directive.Restart,
        [HealingDirective.Reset] = Directive.Restart,
        [HealingDirective.Rewind] = Directive.Restart,
        [HealingDirective.Stop] = Directive.Stop,
    };

    private readonly GroupNode node;

    public HealingStrategy(GroupNode node)
    {
        this.node = node;
        LoggingEnabled = false; // the shard logs what it decides, an agent's actor what it did not expect
    }

    public override IDecider Decider => DefaultDecider;

    /// <summary>Whether the group decided and everything it touches is below this supervisor.</summary>
    public bool IsDecider(GuestFailedException failure) =>
        failure.Decision.Group == node.Group && (!node.IsFamily || failure.Decision.Affected.All(a => node.ChildWith(a) is not null));

    /// <summary>Gives every touched child its directive and tells the shard.</summary>
    /// <param name="context">That of the supervisor.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="failing">The child that failed, or null if its actor is gone.</param>
    public void CarryOut(IActorContext context, GuestFailedException failure, IActorRef? failing)
    {
        foreach (var child in context.GetChildren().ToArray()) Treat(context, child, failure, child.Equals(failing));
        Confirm(failure);
    }

    /// <summary>The same without word to the shard, for a supervisor below the deciding one.</summary>
    public void CarryOutBelow(IActorContext context, GuestFailedException failure)
    {
        foreach (var child in context.GetChildren().ToArray()) Treat(context, child, failure, isFailing: false);
    }

    public override void ProcessFailure(IActorContext context, bool restart, IActorRef child, Exception cause, ChildRestartStats stats, IReadOnlyCollection<ChildRestartStats> children)
    {
        if (cause is GuestFailedException failure) CarryOut(context, failure, child);
        else RestartChild(child, cause, suspendFirst: false);
    }

    public override void HandleChildTerminated(IActorContext actorContext, IActorRef child, IEnumerable<IInternalActorRef> children)
    {
    }

    public override ISurrogate ToSurrogate(ActorSystem system) => throw new NotSupportedException("Supervisors of a mesh stay on their node.");

    /// <summary>A fault of this program restarts an agent's actor, and climbs out of a supervisor so that the shard recovers.</summary>
    protected override Directive Handle(IActorRef child, Exception exception)
    {
        if (exception is not GuestFailedException failure) return node.Agents.ContainsKey(child.Path.Name) ? Directive.Restart : Directive.Escalate;
        if (!IsDecider(failure)) return Directive.Escalate;
        var directive = Directives[failure.Decision.Directive];
        if (directive == Directive.Resume) Confirm(failure);
        return directive;
    }

    private void Confirm(GuestFailedException failure) => node.Context.Shard.Tell(new DecisionCarriedOut(failure.Decision));

    private void Treat(IActorContext context, IActorRef child, GuestFailedException failure, bool isFailing)
    {
        var name = child.Path.Name;
        var restart = failure.Decision.Directive != HealingDirective.Stop;
        if (node.Agents.TryGetValue(name, out var agent))
        {
            var isTouched = failure.Decision.Affected.Contains(agent.Agent);
            if (isTouched && restart && !node.Ending.ContainsKey(name)) RestartChild(child, failure, suspendFirst: !isFailing);
            else if (isTouched && !restart) node.EndAgent(context, name);
            else if (isFailing) ResumeChild(child, failure);
            return;
        }
        var below = node.AgentsIn(name).ToArray();
        var touched = below.Count(failure.Decision.Affected.Contains);
        if (restart && touched == below.Length && (touched > 0 || isFailing)) RestartChild(child, failure, suspendFirst: !isFailing);
        else
        {
            // The group goes on; of its agents some are touched, or all are to be stopped.
            if (isFailing) ResumeChild(child, failure);
            if (touched > 0) child.Tell(new CarryOut(failure));
            if (!restart) Forget(below, failure.Decision.Affected);
        }
    }

    private void Forget(int[] below, ImmutableArray<int> stopped)
    {
        foreach (var agent in below)
            if (stopped.Contains(agent)) node.Forget(agent);
    }
}
