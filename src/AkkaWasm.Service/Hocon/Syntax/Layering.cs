namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>
/// The one rule by which values of the same key combine, whether they stand in one file, in an included one or in a
/// fallback: objects merge, anything else hides what is below, and what is not known yet is kept in layers.
/// </summary>
internal static class Layering
{
    /// <summary>A new node for the upper value over the lower one; neither is changed. The meter is charged for what is copied.</summary>
    public static SyntaxNode Over(SyntaxNode upper, SyntaxNode lower, WorkMeter? meter = null)
    {
        switch (upper)
        {
            case ScalarNode or ListNode or ObjectNode { HidesLower: true }:
                return upper;
            case ObjectNode over:
                return OverObject(over, lower, meter);
            case AppendNode append when lower is ListNode list:
                meter?.Charge(list.Items.Count + append.Items.Count, append.Origin);
                return new ListNode(list.Origin, [.. list.Items, .. append.Items]);
            case AppendNode append when lower is AppendNode below:
                meter?.Charge(below.Items.Count + append.Items.Count, append.Origin);
                return new AppendNode(below.Origin, [.. below.Items, .. append.Items]);
            case AppendNode append when lower is MergeNode { Upper: AppendNode below } merge:
                return new MergeNode(Over(append, below, meter), merge.Lower);
            case MergeNode merge:
                return OverAll(merge, lower, meter);
            default:
                return new MergeNode(upper, lower);
        }
    }

    /// <summary>A copy of an object that lets what is below show through again.</summary>
    public static ObjectNode Exposed(ObjectNode source, WorkMeter meter) => Copy(source, hidesLower: false, meter);

    /// <summary>Gives an object that the parser still fills one more field, over what the key already holds.</summary>
    public static void Put(ObjectNode target, string key, HoconOrigin keyOrigin, SyntaxNode value)
    {
        SyntaxNode result = target.Fields.TryGetValue(key, out FieldNode existing) ? PutOver(value, existing.Value) : value;
        target.Fields[key] = new FieldNode(keyOrigin, result);
    }

    /// <summary>The object into which fields below a key go while parsing: the existing one if it is on top, else a new one.</summary>
    public static ObjectNode Descend(ObjectNode target, string key, HoconOrigin keyOrigin)
    {
        if (target.Fields.TryGetValue(key, out FieldNode existing) && TopObject(existing.Value) is { } top)
        {
            target.Fields[key] = existing with { KeyOrigin = keyOrigin };
            return top;
        }
        ObjectNode child = new(keyOrigin, hidesLower: existing.Value is ScalarNode or ListNode);
        Put(target, key, keyOrigin, child);
        return child;
    }

    private static ObjectNode? TopObject(SyntaxNode node) => node as ObjectNode ?? (node as MergeNode)?.Upper as ObjectNode;

    // Nodes of a file being parsed have one owner, so lists and objects grow in place: many small fields stay linear.
    private static SyntaxNode PutOver(SyntaxNode upper, SyntaxNode lower)
    {
        if (upper is ObjectNode { HidesLower: false } fields && TopObject(lower) is { } top)
        {
            foreach ((string key, FieldNode field) in fields.Fields)
                Put(top, key, field.KeyOrigin, field.Value);
            return lower;
        }
        if (upper is AppendNode append && ((lower as MergeNode)?.Upper ?? lower) is var below && below is ListNode or AppendNode)
        {
            (below is ListNode list ? list.Items : ((AppendNode)below).Items).AddRange(append.Items);
            return lower;
        }
        return Over(upper, lower);
    }

    private static SyntaxNode OverObject(ObjectNode upper, SyntaxNode lower, WorkMeter? meter) => lower switch
    {
        ObjectNode below => Merge(upper, below, meter),
        ScalarNode or ListNode => Copy(upper, hidesLower: true, meter),
        MergeNode { Upper: ObjectNode top } merge => new MergeNode(Merge(upper, top, meter), merge.Lower),
        _ => new MergeNode(upper, lower),
    };

    private static ObjectNode Merge(ObjectNode upper, ObjectNode lower, WorkMeter? meter)
    {
        ObjectNode merged = Copy(lower, lower.HidesLower, meter);
        meter?.Charge(upper.Fields.Count, upper.Origin);
        foreach ((string key, FieldNode field) in upper.Fields)
        {
            merged.Fields[key] = merged.Fields.TryGetValue(key, out FieldNode below)
                ? field with { Value = Over(field.Value, below.Value, meter) }
                : field;
        }
        return merged;
    }

    private static ObjectNode Copy(ObjectNode source, bool hidesLower, WorkMeter? meter)
    {
        meter?.Charge(source.Fields.Count, source.Origin);
        ObjectNode copy = new(source.Origin, hidesLower);
        copy.Fields.EnsureCapacity(source.Fields.Count);
        foreach ((string key, FieldNode field) in source.Fields)
            copy.Fields.Add(key, field);
        return copy;
    }

    // The lowest layer decides whether anything further down can show; layers may be many, so no recursion.
    private static SyntaxNode OverAll(MergeNode merge, SyntaxNode lower, WorkMeter? meter)
    {
        Stack<SyntaxNode> layers = [];
        SyntaxNode rest = merge;
        for (; rest is MergeNode next; rest = next.Lower)
            layers.Push(next.Upper);
        meter?.Charge(layers.Count, merge.Origin);
        SyntaxNode result = Over(rest, lower, meter);
        while (layers.TryPop(out SyntaxNode? layer))
            result = new MergeNode(layer, result);
        return result;
    }
}
