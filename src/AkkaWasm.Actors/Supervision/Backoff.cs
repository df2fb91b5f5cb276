namespace AkkaWasm.Actors.Supervision;

/// <summary>How long to wait before the shard or a source begins again.</summary>
internal static class Backoff
{
    /// <summary>Doubles from the least to the most.</summary>
    public static TimeSpan After(int failuresInRow, TimeSpan least, TimeSpan most) =>
        TimeSpan.FromTicks((long)Math.Min(most.Ticks, least.Ticks * Math.Pow(2, Math.Clamp(failuresInRow - 1, 0, 40))));
}
