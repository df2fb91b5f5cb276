using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Resolution;

/// <summary>Builds the resolved tree, top down in the order of the document.</summary>
internal sealed class TreeBuilder(ObjectNode root, HoconReaderOptions options)
{
    private readonly Resolver _resolver = new(root, options);
    private readonly Dictionary<SyntaxNode, HoconValue> _built = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<SyntaxNode> _open = new(ReferenceEqualityComparer.Instance);

    public HoconObject Build() => (HoconObject)Build(root, 0)!;

    /// <summary>The value of a node; null when it is undefined, so that its field or item is left out.</summary>
    private HoconValue? Build(SyntaxNode node, int depth)
    {
        SyntaxNode? head = _resolver.Head(node);
        if (head is null)
            return null;
        if (head is ScalarNode scalar)
            return scalar.Value;
        if (_built.TryGetValue(head, out HoconValue? known))
            return CheckDepth(known, depth);
        if (!_open.Add(head))
            return node is SubstitutionNode { IsOptional: true } ? null : throw _resolver.CycleError(node);
        if (depth > options.Limits.MaxDepth)
            throw DepthError(node);
        HoconValue value = head is ListNode list ? BuildList(list, depth) : BuildObject((ObjectNode)head, depth);
        _open.Remove(head);
        if (value.Count > options.Limits.MaxValues)
            throw new HoconException(
                $"the resolved configuration has more than {options.Limits.MaxValues} values (MaxValues)", node.Origin,
                "use fewer substitutions");
        _built[head] = value;
        return value;
    }

    private HoconList BuildList(ListNode list, int depth)
    {
        List<HoconValue> items = [];
        foreach (SyntaxNode item in list.Items)
        {
            if (Build(item, depth + 1) is { } value)
                items.Add(value);
        }
        return new HoconList(list.Origin, items);
    }

    private HoconObject BuildObject(ObjectNode node, int depth)
    {
        List<HoconField> fields = [];
        foreach ((string key, FieldNode field) in node.Fields)
        {
            if (Build(field.Value, depth + 1) is { } value)
                fields.Add(new HoconField(key, field.KeyOrigin, value));
        }
        return new HoconObject(node.Origin, fields);
    }

    // A subtree that substitutions share was measured from where it was built first; here it may lie deeper.
    private HoconValue CheckDepth(HoconValue value, int depth) =>
        depth + value.Depth > options.Limits.MaxDepth ? throw new HoconException(TooDeep, value.Origin, Flatten) : value;

    private HoconException DepthError(SyntaxNode node) => new(TooDeep, node.Origin, Flatten);

    private string TooDeep => $"values are nested more than {options.Limits.MaxDepth} deep (MaxDepth)";

    private const string Flatten = "make the structure flatter";
}
