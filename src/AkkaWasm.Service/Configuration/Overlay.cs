using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Lays resolved values over each other, as files are laid over each other before they are resolved.</summary>
internal static class Overlay
{
    /// <summary>The upper object over the lower one: objects merge, any other value hides what is below. The lower one's keys come first.</summary>
    public static HoconObject Over(HoconObject upper, HoconObject lower)
    {
        var fields = lower.Fields.Select(below => upper.Find(below.Key) is { } above ? above with { Value = Over(above.Value, below.Value) } : below);
        return new HoconObject(upper.Origin, [.. fields, .. upper.Fields.Where(field => lower.Find(field.Key) is null)]);
    }

    /// <summary>The object with every field's value replaced by what <paramref name="change"/> makes of it; null fields stay.</summary>
    public static HoconObject Each(HoconObject target, Func<HoconObject, HoconObject> change) =>
        new(target.Origin, target.Fields.Select(field => field.Value is HoconObject value ? field with { Value = change(value) } : field));

    /// <summary>The object with the object at a path replaced; unchanged if there is no object at that path.</summary>
    public static HoconObject At(HoconObject target, ReadOnlySpan<string> path, Func<HoconObject, HoconObject> change)
    {
        if (path.IsEmpty) return change(target);
        if (target.Find(path[0])?.Value is not HoconObject child) return target;
        var key = path[0];
        var changed = At(child, path[1..], change);
        return new HoconObject(target.Origin, target.Fields.Select(field => field.Key == key ? field with { Value = changed } : field));
    }

    private static HoconValue Over(HoconValue upper, HoconValue lower) =>
        upper is HoconObject above && lower is HoconObject below ? Over(above, below) : upper;
}
