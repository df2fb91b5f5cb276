using System.Globalization;

namespace AkkaWasm.Service.Hocon;

internal sealed partial class HoconCursor
{
    /// <summary>The text of a string, number or boolean.</summary>
    /// <exception cref="HoconException">It is a list or an object.</exception>
    public string AsString() =>
        _value is HoconScalar { Kind: not HoconKind.Null } scalar
            ? scalar.Text
            : throw WrongType("a string", "write text, in double quotes");

    /// <summary>A whole number within bounds.</summary>
    /// <exception cref="HoconException">It is none, or out of bounds.</exception>
    public int AsInt(int min = int.MinValue, int max = int.MaxValue) => (int)AsLong(min, max);

    /// <inheritdoc cref="AsInt"/>
    public long AsLong(long min = long.MinValue, long max = long.MaxValue)
    {
        string wanted = $"a whole number from {min} to {max}";
        string remedy = "write digits without a unit";
        if (!decimal.TryParse(ScalarText(wanted, remedy), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            || number != decimal.Truncate(number) || number < min || number > max)
        {
            throw WrongType(wanted, remedy);
        }
        return (long)number;
    }

    /// <summary>A finite number within bounds.</summary>
    /// <exception cref="HoconException">It is none, or out of bounds.</exception>
    public double AsDouble(double min = double.MinValue, double max = double.MaxValue)
    {
        string wanted = min == double.MinValue && max == double.MaxValue
            ? "a number"
            : string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}");
        string remedy = "write digits, with a point for fractions";
        if (!double.TryParse(ScalarText(wanted, remedy), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            || !double.IsFinite(number) || number < min || number > max)
        {
            throw WrongType(wanted, remedy);
        }
        return number;
    }

    /// <summary><c>true</c>, <c>yes</c>, <c>on</c> or <c>false</c>, <c>no</c>, <c>off</c>.</summary>
    /// <exception cref="HoconException">It is none of these.</exception>
    public bool AsBoolean() => ScalarText("a boolean", "write true or false") switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw WrongType("a boolean", "write true or false"),
    };

    /// <summary>A duration that is not negative, such as <c>500 ms</c> or <c>2 days</c>; a bare number is milliseconds.</summary>
    /// <exception cref="HoconException">It is none, negative, or longer than 29,000 years.</exception>
    public TimeSpan AsDuration()
    {
        const string wanted = "a duration", remedy = "write a number with ns, us, ms, s, m, h or d, such as 500 ms";
        return HoconUnits.TryParseDuration(ScalarText(wanted, remedy), out TimeSpan duration) && duration >= TimeSpan.Zero
            ? duration
            : throw WrongType(wanted, remedy);
    }

    /// <summary>A size in bytes, such as <c>64 KiB</c> (1024), <c>64 kB</c> (1000) or <c>64K</c> (1024).</summary>
    /// <exception cref="HoconException">It is none, negative, or past 2^63-1.</exception>
    public long AsSize()
    {
        const string wanted = "a size in bytes", remedy = "write a number with B, KiB, MiB, GiB, kB, MB or GB, such as 64 MiB";
        return HoconUnits.TryParseSize(ScalarText(wanted, remedy), out long bytes) ? bytes : throw WrongType(wanted, remedy);
    }

    /// <summary>A share from 0 to 1, written as such or as a percentage: <c>0.7</c>, <c>70 %</c>.</summary>
    /// <exception cref="HoconException">It is none.</exception>
    public double AsFraction()
    {
        const string wanted = "a share of the whole", remedy = "write a number from 0 to 1, or a percentage from 0 % to 100 %";
        return HoconUnits.TryParseFraction(ScalarText(wanted, remedy), out double fraction) && fraction is >= 0 and <= 1
            ? fraction
            : throw WrongType(wanted, remedy);
    }

    /// <summary>A member of an enumeration, written in kebab-case: <c>OneForOne</c> is <c>one-for-one</c>.</summary>
    /// <exception cref="HoconException">No member has that name.</exception>
    public TEnum AsEnum<TEnum>() where TEnum : struct, Enum
    {
        Dictionary<string, TEnum> names = Enum.GetValues<TEnum>().ToDictionary(member => KebabCase(member.ToString()));
        string wanted = $"one of {string.Join(", ", names.Keys)}";
        string remedy = "choose one of these names";
        string text = ScalarText(wanted, remedy);
        if (names.TryGetValue(text, out TEnum value))
            return value;
        throw WrongType(wanted, NearestName.Find(text, names.Keys) is { } near ? $"did you mean '{near}'?" : remedy);
    }

    /// <summary>The items of a list, or of an object whose keys are numbers, as properties files write lists.</summary>
    /// <exception cref="HoconException">It is neither.</exception>
    public IReadOnlyList<HoconCursor> AsList()
    {
        HoconList list = _value as HoconList
            ?? (_value as HoconObject)?.AsNumberedList()
            ?? throw WrongType("a list", "write items in brackets, separated by commas or new lines");
        _allAsked = true;
        if (_items.Count == 0)
            _items = [.. list.Items.Select((item, index) => new HoconCursor(item, $"{Path}[{index}]", item.Origin))];
        return _items;
    }

    /// <summary>The items of a list, read one by one; errors name the item.</summary>
    /// <exception cref="HoconException">It is no list, or an item does not read.</exception>
    public IReadOnlyList<T> AsListOf<T>(Func<HoconCursor, T> read) => [.. AsList().Select(read)];

    private string ScalarText(string wanted, string remedy) =>
        _value is HoconScalar { Kind: not HoconKind.Null } scalar ? scalar.Text.Trim() : throw WrongType(wanted, remedy);

    private HoconException WrongType(string wanted, string remedy)
    {
        string found = _value switch
        {
            HoconList => "a list",
            HoconObject => "an object",
            HoconScalar { Kind: HoconKind.String } text => $"the string {HoconText.Shorten(text.Text)}",
            HoconScalar scalar => scalar.Text,
            _ => "something else",
        };
        string name = Path.Length == 0 ? "the configuration" : $"'{Path}'";
        return new HoconException($"{name} must be {wanted} but is {found}", Origin, remedy);
    }

    internal static string KebabCase(string name) =>
        string.Concat(name.Select((c, index) => char.IsUpper(c) ? (index == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
