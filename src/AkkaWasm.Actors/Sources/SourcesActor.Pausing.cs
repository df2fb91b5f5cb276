using Akka.Actor;

namespace AkkaWasm.Actors.Sources;

/// <content>The sources end for a while, so that nothing of them is under way, and begin again.</content>
internal sealed partial class SourcesActor
{
    private readonly List<IActorRef> pausers = [];
    private bool isPaused;

    private void Pause()
    {
        pausers.Add(Sender);
        isPaused = true;
        if (!publisher.IsNobody()) Context.Watch(publisher);
        var servingShard = shard;
        StopAll();
        shard = servingShard;
        TellPaused();
    }

    /// <summary>What a source said goes through the publisher, so it too has to be gone.</summary>
    private void TellPaused()
    {
        if (!isPaused || sources.Values.Any(s => s.Actor is not null) || !Context.Child(publisher.Path.Name).IsNobody()) return;
        foreach (var pauser in pausers) pauser.Tell(new SourcesArePaused());
        pausers.Clear();
    }

    private void Resume()
    {
        isPaused = false;
        foreach (var source in sources.Values.Where(s => s.State is SourceState.Drained or SourceState.Failed))
        {
            source.State = SourceState.Waiting;
            (source.FailuresInRow, source.RetryHelps) = (0, true);
        }
        if (shard is { } serving) StartAll(serving);
    }
}
