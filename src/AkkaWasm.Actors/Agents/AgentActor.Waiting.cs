using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <content>
/// A new life waits for a database that is out of reach: an image that cannot be read for now is not damaged, and the agent is not to blame. If the
/// database stays away, the shard itself ends, and its agents with it.
/// </content>
internal sealed partial class AgentActor
{
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private ITimer? waiting;
    private int waits;

    private void FetchLater(long upTo, Exception failure) => Wait(failure, new FetchAgain(Token, upTo));

    private void RebuildLater(AgentImage? image, Exception failure) => Wait(failure, new RebuildAgain(Token, image));

    private void Wait(Exception failure, object message)
    {
        var wait = Backoff.After(++waits, MinWait, MaxWait);
        Log.AgentWaitsForStore(context.Logger, start!.Plan.Agent.Name, wait, failure.Message);
        var self = Self;
        waiting?.Dispose();
        waiting = context.Time.CreateTimer(_ => self.Tell(message), null, wait, Timeout.InfiniteTimeSpan);
    }

    private void EndWaiting()
    {
        waiting?.Dispose();
        (waiting, waits) = (null, 0);
    }

    private sealed record FetchAgain(int Token, long UpTo);

    private sealed record RebuildAgain(int Token, AgentImage? Image);
}
