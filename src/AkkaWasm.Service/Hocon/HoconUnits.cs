using System.Globalization;

namespace AkkaWasm.Service.Hocon;

/// <summary>Numbers with units as the format writes them: <c>500 ms</c>, <c>1.5d</c>, <c>64KiB</c>, <c>10 %</c>.</summary>
internal static class HoconUnits
{
    private const decimal NanosPerTick = 100;

    private const NumberStyles Numbers = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly Dictionary<string, decimal> Nanoseconds = Table(
        (1m, "ns nano nanos nanosecond nanoseconds"),
        (1_000m, "us micro micros microsecond microseconds"),
        (1_000_000m, "ms milli millis millisecond milliseconds"),
        (1_000_000_000m, "s second seconds"),
        (60_000_000_000m, "m minute minutes"),
        (3_600_000_000_000m, "h hour hours"),
        (86_400_000_000_000m, "d day days"));

    private static readonly Dictionary<string, decimal> Bytes = Table(
    [
        (1m, "B b byte bytes"),
        .. SizeUnits(1000m, "kB MB GB TB PB EB ZB YB", "kilo mega giga tera peta exa zetta yotta", _ => ""),
        .. SizeUnits(1024m, "KiB MiB GiB TiB PiB EiB ZiB YiB", "kibi mebi gibi tebi pebi exbi zebi yobi", BinaryShortForms),
    ]);

    /// <summary>A duration; a bare number is milliseconds. Counted to the nearest 100 ns, but never rounded to nothing.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TryParse(text, Nanoseconds, "ms", out decimal nanoseconds))
            return false;
        decimal ticks = decimal.Round(nanoseconds / NanosPerTick, MidpointRounding.AwayFromZero);
        if (ticks == 0 && nanoseconds != 0)
            ticks = Math.Sign(nanoseconds);
        if (ticks is < long.MinValue or > long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>
    /// A size in bytes; a bare number is bytes. <c>kB</c> and <c>kilobyte</c> are powers of ten, <c>K</c>, <c>KiB</c> and
    /// <c>kibibyte</c> powers of two. Fractions of a byte are cut off.
    /// </summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (!TryParse(text, Bytes, "B", out decimal size) || size is < 0 or > long.MaxValue)
            return false;
        bytes = (long)size;
        return true;
    }

    /// <summary>A share of the whole: <c>0.7</c> or <c>70 %</c>.</summary>
    public static bool TryParseFraction(string text, out double fraction)
    {
        fraction = 0;
        bool percent = text.EndsWith('%');
        if (!TryParseNumber(percent ? text[..^1].TrimEnd() : text, out decimal number))
            return false;
        fraction = (double)(percent ? number / 100 : number);
        return true;
    }

    private static bool TryParse(string text, Dictionary<string, decimal> units, string defaultUnit, out decimal value)
    {
        value = 0;
        text = text.Trim();
        int unitStart = text.Length;
        while (unitStart > 0 && char.IsLetter(text[unitStart - 1]))
            unitStart--;
        string unit = unitStart == text.Length ? defaultUnit : text[unitStart..];
        if (!units.TryGetValue(unit, out decimal factor) || !TryParseNumber(text[..unitStart].TrimEnd(), out decimal number))
            return false;
        try
        {
            value = number * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool TryParseNumber(string text, out decimal number) =>
        decimal.TryParse(text, Numbers, CultureInfo.InvariantCulture, out number);

    // KiB is also K, k and Ki
    private static string BinaryShortForms(string symbol) => $"{symbol[0]} {char.ToLowerInvariant(symbol[0])} {symbol[..2]}";

    private static IEnumerable<(decimal Factor, string Names)> SizeUnits(
        decimal step, string symbols, string prefixes, Func<string, string> shortForms)
    {
        decimal factor = 1;
        foreach ((string symbol, string prefix) in symbols.Split(' ').Zip(prefixes.Split(' ')))
        {
            factor *= step;
            yield return (factor, $"{symbol} {prefix}byte {prefix}bytes {shortForms(symbol)}");
        }
    }

    private static Dictionary<string, decimal> Table(params IEnumerable<(decimal Factor, string Names)> rows)
    {
        Dictionary<string, decimal> table = new(StringComparer.Ordinal);
        foreach ((decimal factor, string names) in rows)
        {
            foreach (string name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                table.Add(name, factor);
        }
        return table;
    }
}
