using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Service.Tests.Http;

/// <content>A topology without agents that live: it changes as it is asked to.</content>
internal sealed partial class FakeNode
{
    private readonly List<RunningTopology> topologies = [new(new MeshTopology("m", SupervisionPolicy.Default, [], []), new Position(0, 1, 5), [new TopologyChangeInfo(5, 0, TopologyAuthor.Startup, "", "the mesh is defined")])];

    /// <summary>How the last change was to be watched.</summary>
    public CanaryPolicy? Canary { get; private set; }

    public HashSet<string> Kept { get; } = [];

    /// <summary>The modules of a folder that is not there.</summary>
    public IModuleRegistry ModuleRegistry { get; } = OfflineModules.Open(new LogLocation(Path.Combine(Path.GetTempPath(), "no-data-folder")), new ModuleOptions());

    public Task<RunningTopology> TopologyAsync(CancellationToken cancellation = default) => Task.FromResult(topologies[^1]);

    public Task<(MeshTopology? Topology, string? Problem)> TopologyAtAsync(long position, bool asTarget = false, CancellationToken cancellation = default) =>
        Task.FromResult(topologies.FindLast(t => t.At.Offset <= position) is { } found ? (found.Topology, (string?)null) : (null, $"At offset {position} the mesh had no topology yet."));

    public Task<PlannedTopology> PlanTopologyAsync(TopologyTarget target, CancellationToken cancellation = default)
    {
        var plan = TopologyPlan.Make(topologies[^1].Topology, MeshOccupants.None, target.Topology);
        TopologyProblem[] missing = [.. target.Topology.Agents.Where(a => !Kept.Contains(a.ModuleHash)).Select(a => new TopologyProblem($"agents.{a.Name}.module", $"The module of agent '{a.Name}' was not given."))];
        return Task.FromResult(new PlannedTopology(plan with { Problems = [.. plan.Problems, .. missing] }, topologies[^1].At));
    }

    public async Task<TopologyAnswer> ApplyTopologyAsync(TopologyTarget target, long? basedOn, string author, string reason, TimeSpan? drain = null, CancellationToken cancellation = default)
    {
        if (drain is { } time) Calls.Add($"drain {time}");
        var (plan, at) = await PlanTopologyAsync(target, cancellation);
        if (basedOn is { } offset && offset != at.Offset) return new(TopologyOutcome.Stale, at, plan, [.. topologies[^1].Changes.Where(c => c.Offset > offset)]);
        if (!plan.IsPossible) return new(TopologyOutcome.Refused, at, plan, []);
        if (plan.Delta.IsEmpty) return new(TopologyOutcome.Unchanged, at, plan, []);
        var next = new Position(0, 1, at.Offset + 10);
        Canary = target.Canary;
        topologies.Add(new RunningTopology(target.Topology, next, [.. topologies[^1].Changes, new TopologyChangeInfo(next.Offset, 0, author, reason, plan.Summary)])
        {
            Canaries = Canary is null ? [] : [new CanaryStatus("a", next, 1, 0, Canary)],
        });
        return new(TopologyOutcome.Applied, next, plan, []);
    }

    public Task<string?> PromoteCanaryAsync(string definition, CancellationToken cancellation = default) => DecideAsync($"promote {definition}");

    public Task<string?> AbortCanaryAsync(string definition, CancellationToken cancellation = default) => DecideAsync($"abort {definition}");

    private Task<string?> DecideAsync(string call)
    {
        Calls.Add(call);
        return Task.FromResult(Refusal);
    }

    public bool HasModule(string hash) => Kept.Contains(hash);

    public string KeepModule(ReadOnlyMemory<byte> module) => Keep(module);

    public bool HasFolder(string hash) => Kept.Contains(hash);

    public string KeepFolder(ReadOnlyMemory<byte> packed) => Keep(packed);

    private string Keep(ReadOnlyMemory<byte> bytes)
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.Span));
        Kept.Add(hash);
        Calls.Add($"keep {Encoding.UTF8.GetString(bytes.Span)}");
        return hash;
    }
}
