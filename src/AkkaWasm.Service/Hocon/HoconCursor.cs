namespace AkkaWasm.Service.Hocon;

/// <summary>
/// A value of a resolved tree together with its path, from which settings are read with checks. A cursor remembers the
/// keys that were asked for, so that <see cref="RefuseUnknown"/> can point at those that nobody reads.
/// </summary>
internal sealed partial class HoconCursor
{
    private readonly HoconValue _value;
    private readonly HoconOrigin _keyOrigin;
    private readonly OrderedDictionary<string, HoconCursor?> _asked = new(StringComparer.Ordinal);
    private List<HoconCursor> _items = [];
    private bool _allAsked;

    private HoconCursor(HoconValue value, string path, HoconOrigin keyOrigin)
    {
        _value = value;
        Path = path;
        _keyOrigin = keyOrigin;
    }

    public HoconCursor(HoconObject root) : this(root, "", root.Origin)
    {
    }

    /// <summary>The path from the root as an expression, items of lists as <c>[0]</c>; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Where the value was written; for a substituted value that is where the substitution leads.</summary>
    public HoconOrigin Origin => _value.Origin;

    /// <summary>Where the key was written that gave this value.</summary>
    public HoconOrigin KeyOrigin => _keyOrigin;

    public HoconKind Kind => _value.Kind;

    /// <summary>The whole value, taken unread: everything in it counts as known.</summary>
    public HoconValue TakeValue()
    {
        _allAsked = true;
        return _value;
    }

    /// <summary>The value at a path below this object; null when it is missing or null.</summary>
    /// <exception cref="HoconException">This value, or one on the way, is no object.</exception>
    public HoconCursor? Find(string path)
    {
        HoconCursor? at = this;
        foreach (string key in HoconPath.Parse(path))
        {
            at = at.FindKey(key);
            if (at is null)
                return null;
        }
        return at;
    }

    /// <summary>The value at a path below this object.</summary>
    /// <exception cref="HoconException">It is missing or null, or a value on the way is no object.</exception>
    public HoconCursor At(string path) =>
        Find(path) ?? throw new HoconException(
            $"'{(Path.Length == 0 ? path : $"{Path}.{path}")}' is missing in the object", Origin, "add the key with a value");

    /// <summary>All fields of this object in order, nulls left out; every key counts as known.</summary>
    /// <exception cref="HoconException">This value is no object.</exception>
    public IReadOnlyList<(string Key, HoconCursor Value)> Entries()
    {
        _allAsked = true;
        List<(string, HoconCursor)> entries = [];
        foreach (HoconField field in AsObject().Fields)
        {
            if (FindKey(field.Key) is { } value)
                entries.Add((field.Key, value));
        }
        return entries;
    }

    /// <summary>Refuses the first key, in this object and in every value taken from it, that nobody asked for.</summary>
    /// <exception cref="HoconException">There is such a key; the message names the nearest known one.</exception>
    public void RefuseUnknown()
    {
        if (_value is HoconObject fields)
        {
            foreach (HoconField field in fields.Fields)
            {
                if (_asked.TryGetValue(field.Key, out HoconCursor? child))
                    child?.RefuseUnknown();
                else if (!_allAsked)
                    throw UnknownKey(field);
            }
        }
        foreach (HoconCursor item in _items)
            item.RefuseUnknown();
    }

    private HoconCursor? FindKey(string key)
    {
        HoconObject fields = AsObject();
        if (_asked.TryGetValue(key, out HoconCursor? known))
            return known;
        HoconField? field = fields.Find(key);
        HoconCursor? found = field is null || field.Value.Kind == HoconKind.Null
            ? null
            : new HoconCursor(field.Value, HoconPath.Append(Path, key), field.KeyOrigin);
        _asked.Add(key, found);
        return found;
    }

    private HoconException UnknownKey(HoconField field)
    {
        string place = Path.Length == 0 ? "" : $" in {Path}";
        string remedy = _asked.Count == 0
            ? "remove it, no keys are known here"
            : NearestName.Find(field.Key, _asked.Keys) is { } near
                ? $"did you mean '{near}'?"
                : $"known keys are {string.Join(", ", _asked.Keys.Order(StringComparer.Ordinal))}";
        return new HoconException($"unknown key '{field.Key}'{place}", field.KeyOrigin, remedy);
    }

    private HoconObject AsObject() => _value as HoconObject ?? throw WrongType("an object", "write fields in braces");
}
