using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <content>Forks, and the mesh taken back.</content>
public sealed partial class MeshNode
{
    /// <inheritdoc/>
    public async Task<string?> ForkAsync(string origin, string name, long? at = null, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new ForkAgent(origin, at, name), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<(MeshRewindOutlook? Outlook, string? Problem)> RewindAsync(long to, bool sources = false, bool dryRun = false, CancellationToken cancellation = default)
    {
        if (dryRun || !sources) return await RewindShardAsync(to, sources, dryRun, cancellation).ConfigureAwait(false);
        // A batch that is under way would move a source on, and what it had to read again would be missing.
        await AskAsync<SourcesArePaused>(new PauseSources(), cancellation).ConfigureAwait(false);
        try
        {
            return await RewindShardAsync(to, sources, dryRun, cancellation).ConfigureAwait(false);
        }
        finally
        {
            guardian.Tell(new ResumeSources());
        }
    }

    private async Task<(MeshRewindOutlook? Outlook, string? Problem)> RewindShardAsync(long to, bool sources, bool dryRun, CancellationToken cancellation)
    {
        var answer = (MeshRewindAnswer)(await AskAsync<ShardAnswer>(new RewindMeshTo(to, sources, dryRun), cancellation).ConfigureAwait(false)).Value!;
        return answer.Problem is null ? (answer.Outlook, null) : (null, answer.Problem);
    }
}
