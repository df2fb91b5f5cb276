using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Collects what is wrong with a log.</summary>
internal sealed class FlawList
{
    private readonly List<LogFlaw> flaws = [];

    public void Add(long offset, long sequenceNr, string message) => flaws.Add(new LogFlaw(offset, sequenceNr, message));

    /// <summary>Runs a check that ends with the first flaw of its kind.</summary>
    /// <returns>Whether it came to its end.</returns>
    public bool AddFailureOf(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (LogCorruptException e)
        {
            Add(e.FirstLost, 0, e.Message);
            return false;
        }
    }

    /// <summary>In the order of the rows; what belongs to none comes last.</summary>
    public ImmutableArray<LogFlaw> InOrder() => [.. flaws.OrderBy(f => f.SequenceNr == 0 ? long.MaxValue : f.SequenceNr)];
}
