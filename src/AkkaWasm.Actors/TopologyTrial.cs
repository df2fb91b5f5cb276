using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>What the agents of one definition would do under another.</summary>
/// <param name="Definition">Its name.</param>
/// <param name="Fields">What of it changes.</param>
/// <param name="Living">How many agents of it live.</param>
/// <param name="Agents">What came of those that were tried.</param>
public sealed record DefinitionTrial(string Definition, ImmutableArray<FieldChange> Fields, int Living, ImmutableArray<TrialReport> Agents);

/// <summary>What came of the trial of a topology: every agent whose guest would become another one ran recorded turns again as the other.</summary>
/// <param name="BasedOn">Where the topology came into force that it was compared with.</param>
/// <param name="Last">Position of the last record that was looked at.</param>
/// <param name="Definitions">Those that were tried, in the order of definition; empty where the guests of no living agent change.</param>
public sealed record TopologyTrial(Position BasedOn, Position Last, ImmutableArray<DefinitionTrial> Definitions)
{
    /// <summary>Turns that were compared.</summary>
    public long Turns => Sum(r => r.Turns);

    /// <summary>How many of them differ.</summary>
    public long Differing => Sum(r => r.Differing);

    /// <summary>Turns that fail and did not.</summary>
    public long NewFailures => Sum(r => r.NewFailures);

    /// <summary>Turns that failed and do not any more.</summary>
    public long Mended => Sum(r => r.Mended);

    /// <summary>How many of <see cref="Mended"/> have their event in quarantine.</summary>
    public long QuarantinedMended => Sum(r => r.QuarantinedMended);

    /// <summary>What could not be tried.</summary>
    public IEnumerable<TrialReport> Problems => Reports.Where(r => r.Problem is not null);

    /// <summary>Whether it shows what is required. What could not be tried shows nothing.</summary>
    public bool Meets(TrialRequirement requirement) => requirement switch
    {
        TrialRequirement.None => true,
        TrialRequirement.Identical => Reports.All(r => r is { IsIdentical: true, Problem: null }),
        _ => Reports.All(r => r is { NewFailures: 0, Problem: null }),
    };

    private IEnumerable<TrialReport> Reports => Definitions.SelectMany(d => d.Agents);

    private long Sum(Func<TrialReport, long> of) => Reports.Sum(of);
}
