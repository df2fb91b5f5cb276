using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

/// <summary>Random resolved trees with awkward keys and values, the same for the same seed.</summary>
internal sealed class RandomTrees(int seed)
{
    private static readonly HoconOrigin Origin = new("random", 1, 1);

    private static readonly string[] Awkward =
    [
        "", " ", "a", "b-c", "a.b", "include", "null", "true", "5", "-1.5e3", "${x}", "\"", "\"\"\"", "\\", "\\u0041", "line\nbreak", "\r", "\t tab ",
        "#", "//", "{", "}", "[", "]", ":", "=", "+=", ",", "é", "😀", "\ud83d", "\u0001", "\u007f", "\uFEFF", "\u2028", "/a/*", "0", "10 ms", "'", "$", "`^?!@*&",
    ];

    private readonly Random _random = new(seed);

    public HoconObject Next() => Object(0);

    private HoconObject Object(int depth) => new(
        Origin, Enumerable.Range(0, _random.Next(5)).Select(_ => new HoconField(Text(), Origin, Value(depth + 1))).DistinctBy(field => field.Key));

    private HoconValue Value(int depth) => _random.Next(depth > 5 ? 5 : 8) switch
    {
        0 => new HoconScalar(Origin, HoconKind.Null, "null"),
        1 => new HoconScalar(Origin, HoconKind.Boolean, _random.Next(2) == 0 ? "true" : "false"),
        2 => new HoconScalar(Origin, HoconKind.Number, Number()),
        3 or 4 => HoconScalar.String(Origin, Text()),
        5 => new HoconList(Origin, [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1))]),
        _ => Object(depth),
    };

    private string Number() => _random.Next(4) switch
    {
        0 => _random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        1 => "-0",
        2 => $"{_random.Next(1000)}.{_random.Next(1000):000}e+{_random.Next(30)}",
        _ => "0",
    };

    private string Text() => _random.Next(3) switch
    {
        0 => Awkward[_random.Next(Awkward.Length)],
        1 => Awkward[_random.Next(Awkward.Length)] + Awkward[_random.Next(Awkward.Length)],
        _ => $"key-{_random.Next(20)}",
    };
}
