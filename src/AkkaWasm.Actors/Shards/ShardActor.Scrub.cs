using Akka.Actor;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard from itself: something that is stored is damaged.</summary>
internal sealed record DamageIsFound(string What);

/// <content>What is stored is read again, slowly, beside everything else; what is damaged is said where somebody may see it.</content>
internal sealed partial class ShardActor
{
    private void BeginScrub()
    {
        if (context.Scrub is not { IsOn: true } scrub) return;
        var (self, ends) = (Self, retentionEnds.Token);
        Task.Run(() => scrub.RunAsync(what => self.Tell(new DamageIsFound(what)), ends), ends)
            .ContinueWith(t => NodeLog.ScrubFailed(logger, t.Exception!.InnerException!.Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private void Take(DamageIsFound damage)
    {
        NodeLog.DamageFound(logger, damage.What);
        context.Board.ShowDamage(MeshHealth.Scrub, damage.What, context.Time.GetUtcNow());
        shard.NoteDamage(damage.What, NowNs);
    }
}
