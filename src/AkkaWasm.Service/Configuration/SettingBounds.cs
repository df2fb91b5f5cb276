using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Settings with bounds or of a few choices, refused with the same sentence as values of a wrong type.</summary>
internal static class SettingBounds
{
    /// <summary>A size within bounds, in bytes, both included.</summary>
    public static long Size(this HoconCursor setting, long min, long max = long.MaxValue)
    {
        var bytes = setting.AsSize();
        if (bytes >= min && bytes <= max) return bytes;
        var wanted = max == long.MaxValue ? $"a size of at least {min} bytes" : $"a size from {min} to {max} bytes";
        throw Refused(setting, $"must be {wanted} but is {bytes} bytes", "write another size");
    }

    /// <summary>A size that fits 32 bits.</summary>
    public static int SmallSize(this HoconCursor setting, int min, int max = int.MaxValue) => (int)setting.Size(min, max);

    /// <summary>A duration within bounds, both included; without an upper one a year is the longest.</summary>
    public static TimeSpan Duration(this HoconCursor setting, TimeSpan min, TimeSpan? max = null)
    {
        var longest = max ?? TimeSpan.FromDays(366);
        var duration = setting.AsDuration();
        if (duration >= min && duration <= longest) return duration;
        throw Refused(setting, $"must be a duration from {Show(min)} to {Show(longest)} but is {Show(duration)}", "write another duration");
    }

    /// <summary>A count from <paramref name="min"/> up.</summary>
    public static int Count(this HoconCursor setting, int min = 1) => setting.AsInt(min);

    /// <summary>One of a few words.</summary>
    public static T Choice<T>(this HoconCursor setting, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var text = setting.AsString();
        foreach (var (name, value) in choices)
            if (name == text) return value;
        var names = string.Join(", ", choices.ToArray().Select(choice => choice.Name));
        throw Refused(setting, $"must be {(choices.Length == 1 ? "" : "one of ")}{names} but is '{text}'", "choose one that is there");
    }

    /// <summary>Refuses a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="problem">What is wrong, following its name.</param>
    /// <param name="remedy">What to do.</param>
    public static HoconException Refused(HoconCursor setting, string problem, string remedy) =>
        new($"'{setting.Path}' {problem}", setting.Origin, remedy);

    private static string Show(TimeSpan duration) =>
        duration.TotalMilliseconds < 1000 ? FormattableString.Invariant($"{duration.TotalMilliseconds} ms") : FormattableString.Invariant($"{duration.TotalSeconds} s");
}
