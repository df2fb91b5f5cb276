namespace AkkaWasm.Service.Hocon;

internal enum HoconKind
{
    Null,
    Boolean,
    Number,
    String,
    List,
    Object,
}

/// <summary>A value of a resolved tree. Immutable; equal when kinds, texts, elements and fields (in any order) are equal.</summary>
internal abstract class HoconValue(HoconOrigin origin, HoconKind kind) : IEquatable<HoconValue>
{
    public HoconOrigin Origin { get; } = origin;

    public HoconKind Kind { get; } = kind;

    /// <summary>How many values this tree holds, itself included; a value shared by substitution counts at every place.</summary>
    public abstract long Count { get; }

    /// <summary>Nesting below this value: 0 for a scalar, an empty list or object.</summary>
    public abstract int Depth { get; }

    public abstract bool Equals(HoconValue? other);

    public sealed override bool Equals(object? obj) => Equals(obj as HoconValue);

    public abstract override int GetHashCode();
}

/// <summary>A null, boolean, number or string; the text is as written (a number keeps its digits).</summary>
internal sealed class HoconScalar(HoconOrigin origin, HoconKind kind, string text) : HoconValue(origin, kind)
{
    public string Text { get; } = text;

    public override long Count => 1;

    public override int Depth => 0;

    public static HoconScalar String(HoconOrigin origin, string text) => new(origin, HoconKind.String, text);

    public override bool Equals(HoconValue? other) => other is HoconScalar scalar && scalar.Kind == Kind && scalar.Text == Text;

    public override int GetHashCode() => HashCode.Combine(Kind, Text);
}

internal sealed class HoconList(HoconOrigin origin, IReadOnlyList<HoconValue> items) : HoconValue(origin, HoconKind.List)
{
    public IReadOnlyList<HoconValue> Items { get; } = items;

    public override long Count { get; } = 1 + items.Sum(item => item.Count);

    public override int Depth { get; } = items.Select(item => item.Depth + 1).DefaultIfEmpty().Max();

    public override bool Equals(HoconValue? other) => other is HoconList list && list.Items.SequenceEqual(Items);

    public override int GetHashCode() => HashCode.Combine(Kind, Items.Count);
}

/// <summary>A field of a resolved object; the key's own origin is where the key that won was written.</summary>
internal sealed record HoconField(string Key, HoconOrigin KeyOrigin, HoconValue Value);

/// <summary>Fields in the order in which their keys first appeared, lowest file first.</summary>
internal sealed class HoconObject : HoconValue
{
    private readonly OrderedDictionary<string, HoconField> _fields;

    public HoconObject(HoconOrigin origin, IEnumerable<HoconField> fields) : base(origin, HoconKind.Object)
    {
        _fields = new(StringComparer.Ordinal);
        foreach (HoconField field in fields)
            _fields[field.Key] = field;
        Count = 1 + _fields.Values.Sum(field => field.Value.Count);
        Depth = _fields.Values.Select(field => field.Value.Depth + 1).DefaultIfEmpty().Max();
    }

    public IReadOnlyList<HoconField> Fields => _fields.Values;

    public override long Count { get; }

    public override int Depth { get; }

    public HoconField? Find(string key) => _fields.GetValueOrDefault(key);

    /// <summary>
    /// The values under keys that are whole numbers from 0, in the order of those numbers; null when there is none.
    /// This is how a properties file writes a list.
    /// </summary>
    public HoconList? AsNumberedList()
    {
        List<(int Index, HoconValue Value)> numbered = [];
        foreach (HoconField field in _fields.Values)
        {
            if (HoconIndex.TryParse(field.Key, out int index))
                numbered.Add((index, field.Value));
        }
        return numbered.Count == 0 ? null : new HoconList(Origin, [.. numbered.OrderBy(item => item.Index).Select(item => item.Value)]);
    }

    public override bool Equals(HoconValue? other) =>
        other is HoconObject that
        && that._fields.Count == _fields.Count
        && _fields.Values.All(field => that.Find(field.Key) is { } match && match.Value.Equals(field.Value));

    public override int GetHashCode() => HashCode.Combine(Kind, _fields.Count);
}

/// <summary>Keys that count as positions of a list: digits only, within 32 bits.</summary>
internal static class HoconIndex
{
    public static bool TryParse(string key, out int index)
    {
        index = -1;
        return key.Length > 0 && key.All(char.IsAsciiDigit) && int.TryParse(key, out index);
    }
}
