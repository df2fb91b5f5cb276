using Akka.Actor;
using AkkaWasm.Actors.Sources;

namespace AkkaWasm.Actors.Tests.Sources;

/// <summary>Runs a source to its end under a supervisor that stops it when it fails.</summary>
internal static class SourceRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Everything that the source reported, the end last, and what it threw.</summary>
    public static async Task<(List<SourceStatus> Reports, Exception? Failure)> ToEndAsync(FileSourceOptions options, SourceMesh mesh, TimeProvider? time = null)
    {
        var reports = new List<SourceStatus>();
        var ended = new TaskCompletionSource();
        var failed = new TaskCompletionSource<Exception>();
        using var system = ActorSystem.Create("sources", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        var source = FileSourceActor.Props(options, mesh.PublishAsync, () => mesh.CursorAsync(options.Name), Note, time ?? TimeProvider.System);
        system.ActorOf(Props.Create(() => new Parent(source, failed)), "parent");
        await ended.Task.WaitAsync(Patience);
        var failure = reports[^1].State == SourceState.Drained ? null : await failed.Task.WaitAsync(Patience);
        await system.Terminate();
        return (reports, failure);

        void Note(SourceStatus status)
        {
            reports.Add(status);
            if (status.State is SourceState.Drained or SourceState.Failed or SourceState.Restarting) ended.TrySetResult();
        }
    }

    private sealed class Parent : UntypedActor
    {
        private readonly TaskCompletionSource<Exception> failed;

        public Parent(Props source, TaskCompletionSource<Exception> failed)
        {
            this.failed = failed;
            Context.ActorOf(source, "source");
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(e =>
        {
            failed.TrySetResult(e);
            return Directive.Stop;
        });

        protected override void OnReceive(object message) { }
    }
}
