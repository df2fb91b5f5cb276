using System.Diagnostics;

namespace AkkaWasm.Benchmarks;

/// <summary>How often and how long is measured. Things that are compared are measured in turn, A B A B, so that a drift of the machine meets both.</summary>
/// <param name="isShort">Fewer and smaller rounds, for a first look.</param>
internal sealed class Rounds(bool isShort)
{
    public int Count { get; } = isShort ? 5 : 15;

    /// <summary>A number of operations, a tenth of it in short form.</summary>
    public int Scale(int operations) => isShort ? Math.Max(1, operations / 10) : operations;

    /// <summary>Nanoseconds per operation of each way of doing the same, medians over the rounds after one that is not counted.</summary>
    /// <param name="operations">How many operations one call of a way does.</param>
    /// <param name="ways">The ways.</param>
    public double[] Compare(int operations, params Action[] ways)
    {
        var samples = ways.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < Count; round++)
            for (var way = 0; way < ways.Length; way++)
            {
                var start = Stopwatch.GetTimestamp();
                ways[way]();
                if (round >= 0) samples[way].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations);
            }
        return [.. samples.Select(s => Quantile(s, 0.5))];
    }

    /// <summary>
    /// Processor time of the whole process per operation, microseconds: what a machine with other work to do tells of speed too.
    /// </summary>
    public static double CpuMicroseconds(TimeSpan before, long operations) => (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / operations;

    /// <summary>A quantile of samples, 0.5 for the median.</summary>
    public static double Quantile(IEnumerable<double> samples, double quantile)
    {
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)(quantile * sorted.Length), 0, sorted.Length - 1)];
    }
}
