using System.Collections.Immutable;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard from itself: what an agent asks for was read, or cannot be.</summary>
/// <param name="Request">What it asked.</param>
/// <param name="Change">What that is, or null.</param>
/// <param name="Problem">Why it cannot be read, or null.</param>
/// <param name="Lease">Holds the modules that it needs until it is made.</param>
internal sealed record ResolvedChange(ChangeAskedRecord Request, AskedChange? Change, TopologyProblem? Problem, IDisposable? Lease) : IDisposable
{
    public void Dispose() => Lease?.Dispose();
}

/// <summary>Reads what agents ask for against the topology in force, and makes sure that what they define can be made. May be used by any thread.</summary>
/// <param name="reader">Reads the text; null where none is read.</param>
/// <param name="modules">The modules of the node; null for guests of another kind.</param>
/// <param name="registry">What names of modules mean.</param>
internal sealed class ChangeResolver(IChangeReader? reader, NodeModules? modules, ModuleRegistry? registry)
{
    public ResolvedChange Resolve(ChangeAskedRecord request, MeshTopology running, long at)
    {
        if (reader is null) return new ResolvedChange(request, null, new TopologyProblem("", "This node reads no changes of its topology from agents."), null);
        try
        {
            var change = reader.Read(request.Text, running, at, reference => registry?.Resolve(reference));
            if (modules is null || TopologyCheck.Check(change.Target).Count > 0) return new ResolvedChange(request, change, null, null);
            var known = running.Agents.ToHashSet<AgentDefinition>(ReferenceEqualityComparer.Instance);
            var changed = new TopologyTarget(change.Target with { Agents = [.. change.Target.Agents.Where(a => !known.Contains(a))] });
            var lease = modules.Store.Leases.Take(LogModules.HashesOf(changed.Topology).Select(use => use.Key));
            return new ResolvedChange(request, change with { Problems = [.. change.Problems, .. modules.Prepare(changed)] }, null, lease);
        }
        catch (ChangeRefusedException e)
        {
            return new ResolvedChange(request, null, new TopologyProblem("", e.Message), null);
        }
    }
}
