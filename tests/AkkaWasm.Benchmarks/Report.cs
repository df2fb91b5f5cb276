using System.Globalization;

namespace AkkaWasm.Benchmarks;

/// <summary>Prints figures as rows: what, ours, the baseline measured beside it, and the ratio.</summary>
internal sealed class Report(TextWriter to)
{
    private bool begun;

    /// <summary>A row. A figure above a thousand is written with separators.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="unit">Unit of both figures.</param>
    /// <param name="ours">Median of ours.</param>
    /// <param name="baseline">What it is compared with, or null.</param>
    /// <param name="theirs">Median of that.</param>
    public void Row(string what, string unit, double ours, string? baseline = null, double theirs = 0)
    {
        if (!begun) to.WriteLine($"{"",-58}{"median",14} {"",-10}{"baseline",14}  {"ratio",6}");
        begun = true;
        to.Write($"{what,-58}{Figure(ours),14} {unit,-10}");
        if (baseline is not null) to.Write($"{Figure(theirs),14}  {(ours / theirs).ToString("0.00", CultureInfo.InvariantCulture),6}  {baseline}");
        to.WriteLine();
    }

    private static string Figure(double value) => value.ToString(value >= 100 ? "N0" : "N1", CultureInfo.InvariantCulture);
}
