using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Tests.Http;

/// <content>Forks, and the mesh taken back.</content>
internal sealed partial class FakeNode
{
    public Task<string?> ForkAsync(string origin, string name, long? at = null, CancellationToken cancellation = default)
    {
        Calls.Add($"fork {origin} {name} {at}");
        return Task.FromResult(name == "taken" ? "There is an agent or a definition 'taken' already; choose another name." : null);
    }

    public Task<(MeshRewindOutlook? Outlook, string? Problem)> RewindAsync(long to, bool sources = false, bool dryRun = false, CancellationToken cancellation = default)
    {
        Calls.Add($"rewind {to} {sources} {dryRun}");
        MeshRewindStep[] steps = [new("a", MeshRewindAction.Rewound, 2, 9, 5, 3, 1, 0)];
        return Task.FromResult<(MeshRewindOutlook?, string?)>(to > 100 ? (null, "There is no record at offset 101.") : (new MeshRewindOutlook(to, [.. steps], 1, 10), null));
    }
}
