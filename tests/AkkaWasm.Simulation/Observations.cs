namespace AkkaWasm.Simulation;

/// <summary>Something that was shown outside the mesh.</summary>
/// <param name="What">What was shown, for messages.</param>
/// <param name="RestsOn">Offset of the last record that it may rest on.</param>
/// <param name="Durable">Offset of the last record that was synced when it was shown.</param>
internal readonly record struct Shown(string What, long RestsOn, long Durable);

/// <summary>What the world outside saw of a mesh during a run, noted by those who saw it and not by the mesh.</summary>
internal sealed class Observations
{
    /// <summary>Ids of acknowledged events with each offset that was told for them.</summary>
    public Dictionary<string, HashSet<long>> Acknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>Offsets that were told with the epoch that was told with them.</summary>
    public HashSet<(long Offset, int Epoch)> Positions { get; } = [];

    /// <summary>Everything that was shown, in order.</summary>
    public List<Shown> Shown { get; } = [];

    /// <summary>Committed events as those who subscribe saw them: offset, topic and id.</summary>
    public List<(long Offset, string Topic, string Id)> Broadcast { get; } = [];

    /// <summary>Ids that were used for another content after they had been acknowledged, and were taken nevertheless.</summary>
    public List<string> ConflictsTaken { get; } = [];

    /// <summary>How many events each source has.</summary>
    public Dictionary<string, int> SourceItems { get; } = new(StringComparer.Ordinal);

    /// <summary>What operators asked for.</summary>
    public List<OperatorRequest> Requests { get; } = [];

    /// <summary>How often a node was ended in order.</summary>
    public int Drains { get; set; }

    /// <summary>How often an agent that was awake went on with a guest that had been made ready for another module.</summary>
    public int Swaps { get; set; }

    /// <summary>How often each class of faults was injected.</summary>
    public Dictionary<Fault, int> Injected { get; } = [];

    public void Count(Fault fault) => Injected[fault] = Injected.GetValueOrDefault(fault) + 1;

    public void Acknowledge(string id, long offset, int epoch)
    {
        Positions.Add((offset, epoch));
        if (!Acknowledged.TryGetValue(id, out var offsets)) Acknowledged[id] = offsets = [];
        offsets.Add(offset);
    }
}
