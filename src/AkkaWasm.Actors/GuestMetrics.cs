using System.Diagnostics.Metrics;

namespace AkkaWasm.Actors;

/// <summary>What is measured where guests run; the service's own instruments have the same meter name, so both are shown together.</summary>
internal static class GuestMetrics
{
    public const string MeterName = "AkkaWasm";

    /// <summary>Name of the pauses that compactions make.</summary>
    public const string CompactionPause = "akkawasm.compaction.pause";

    /// <summary>Name of what compactions leave.</summary>
    public const string CompactionLive = "akkawasm.compaction.live";

    /// <summary>Name of what compactions free.</summary>
    public const string CompactionFreed = "akkawasm.compaction.freed";

    /// <summary>Name of the pauses that replacements make.</summary>
    public const string SwapPause = "akkawasm.swap.pause";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Swaps = Meter.CreateHistogram<double>(
        SwapPause, "s", "How long agents that were awake were held up when they got another module: from the last turn of the old guest to the first event of the new one, or where none waited until it could have been given one, by definition.");
    private static readonly Histogram<double> Pause = Meter.CreateHistogram<double>(CompactionPause, "s", "How long agents were held up by compactions of their GC heaps, by definition.");
    private static readonly Histogram<long> Live = Meter.CreateHistogram<long>(CompactionLive, "By", "Size of GC heaps after compactions, by definition.");
    private static readonly Counter<long> Freed = Meter.CreateCounter<long>(CompactionFreed, "By", "What compactions gave back of GC heaps, by definition.");

    public static void Swapped(string definition, TimeSpan pause) => Swaps.Record(pause.TotalSeconds, new KeyValuePair<string, object?>("definition", definition));

    public static void Compacted(string definition, TimeSpan pause, long before, long after)
    {
        var tag = new KeyValuePair<string, object?>("definition", definition);
        Pause.Record(pause.TotalSeconds, tag);
        Live.Record(after, tag);
        Freed.Add(Math.Max(0, before - after), tag);
    }
}
