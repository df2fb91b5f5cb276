namespace AkkaWasm.Actors.Shards;

/// <summary>
/// Says how many agents may be awake while memory is short. Above the limit on memory a sixteenth of those awake go with every look, well below it as
/// many may come back; in between nothing changes.
/// </summary>
/// <param name="maxAwake">How many may be awake when memory is not short.</param>
/// <param name="maxMemoryBytes">Memory of the process above which it is.</param>
internal sealed class AwakeGovernor(int maxAwake, long maxMemoryBytes)
{
    private int? lowered;

    /// <summary>Agents that stay awake however short memory is: it is others then who have it.</summary>
    public const int LeastAwake = 16;

    /// <summary>One of so many goes, or comes back, with every look.</summary>
    private const int Share = 16;

    /// <summary>Share of the limit below which memory is not short any more.</summary>
    private const double Relaxed = 0.9;

    /// <summary>How many may be awake.</summary>
    public int MaxAwake => lowered ?? maxAwake;

    /// <summary>Looks at the memory of the process.</summary>
    /// <returns>Whether it is short now and was not before.</returns>
    public bool Look(long residentBytes, int awake)
    {
        var wasShort = lowered is not null;
        if (residentBytes > maxMemoryBytes)
        {
            var fewer = awake - Math.Max(1, awake / Share);
            lowered = Math.Min(MaxAwake, Math.Max(Math.Min(LeastAwake, maxAwake), fewer));
        }
        else if (wasShort && residentBytes < maxMemoryBytes * Relaxed)
        {
            var more = MaxAwake + Math.Max(1L, MaxAwake / Share);
            lowered = more < maxAwake ? (int)more : null;
        }
        return !wasShort && lowered is not null;
    }
}
