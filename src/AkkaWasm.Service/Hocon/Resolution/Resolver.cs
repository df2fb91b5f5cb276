using System.Runtime.CompilerServices;
using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Resolution;

/// <summary>
/// Finds the head of a value: a scalar, or a list or object whose parts are still unresolved. Everything is lazy, so
/// objects may refer into themselves and into each other; each substitution is resolved once.
/// <para>
/// Substitutions see the final, merged tree. Only when that leads back to a value that is just being resolved does the
/// search look back: it goes on below that value's layer, among the earlier values of the same key.
/// </para>
/// </summary>
internal sealed class Resolver(ObjectNode root, HoconReaderOptions options)
{
    private readonly HoconLimits _limits = options.Limits;
    private readonly Dictionary<SyntaxNode, SyntaxNode?> _heads = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<SyntaxNode> _inProgress = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<SubstitutionNode> _waiting = [];
    private int _lookBacks;

    public WorkMeter Steps { get; } = new("MaxResolveSteps", options.Limits.MaxResolveSteps, "steps to resolve", "use fewer substitutions");

    /// <summary>The head of a value; null when it is undefined (optional substitutions without value, and nothing below).</summary>
    public SyntaxNode? Head(SyntaxNode node)
    {
        if (node is ScalarNode or ListNode or ObjectNode)
            return node;
        if (_heads.TryGetValue(node, out SyntaxNode? known))
            return known;
        if (!_inProgress.Add(node))
            return null;
        SyntaxNode? head = node switch
        {
            SubstitutionNode substitution => Substitute(substitution),
            ConcatenationNode concatenation => new Concatenator(this, _limits).Join(concatenation),
            _ => HeadOfLayers(Layers(node, null).GetEnumerator()),
        };
        _inProgress.Remove(node);
        _heads[node] = head;
        return head;
    }

    /// <summary>The error for a substitution that leads back to a value which contains it.</summary>
    public HoconException CycleError(SyntaxNode node)
    {
        SubstitutionNode? last = node is MergeNode or ConcatenationNode ? FirstSubstitution(node) : node as SubstitutionNode;
        IEnumerable<SubstitutionNode> chain = _waiting.Reverse();
        if (last is not null)
            chain = chain.Append(last);
        List<SubstitutionNode> links = [.. chain];
        return links.Count < 2
            ? new HoconException(
                $"the value contains itself{string.Concat(links.Select(link => $" through {link}"))}", node.Origin,
                "refer to a part of it that does not hold this value")
            : new HoconException(
                $"substitutions form a cycle ({string.Join(" → ", links)})", node.Origin,
                "break it by giving one of these values directly");
    }

    private static SubstitutionNode? FirstSubstitution(SyntaxNode node) => node switch
    {
        SubstitutionNode substitution => substitution,
        ConcatenationNode concatenation => concatenation.Pieces.Select(FirstSubstitution).FirstOrDefault(found => found is not null),
        MergeNode merge => FirstSubstitution(merge.Upper) ?? (merge.Lower is MergeNode ? null : FirstSubstitution(merge.Lower)),
        _ => null,
    };

    private SyntaxNode? Substitute(SubstitutionNode node)
    {
        if (_waiting.Count >= _limits.MaxSubstitutionDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new HoconException(
                $"more than {_waiting.Count} substitutions wait for each other (MaxSubstitutionDepth)", node.Origin,
                "refer to the value directly");
        int lookBacks = _lookBacks;
        _waiting.Push(node);
        SyntaxNode? found = Search(node);
        if (found is null && !node.IsOptional)
        {
            if (_lookBacks > lookBacks)
                throw CycleError(_waiting.Count > 1 ? _waiting.Last() : node);
            string optional = node.ToString().Replace("${", "${?", StringComparison.Ordinal);
            throw new HoconException(
                $"{node} has no value in the configuration or the environment", node.Origin,
                $"define '{HoconPath.Render(node.Path)}', or write {optional} if it may be missing");
        }
        _waiting.Pop();
        // What the target hides stands at the target; here its fields merge like any object's.
        return found is ObjectNode { HidesLower: true } fields ? Layering.Exposed(fields, Steps) : found;
    }

    private SyntaxNode? Search(SubstitutionNode node)
    {
        foreach (IncludeScope scope in node.Scopes)
        {
            if (Lookup(scope.Anchor ?? root, [.. scope.Prefix, .. node.Path], node.Origin) is { } near)
                return near;
        }
        return Lookup(root, node.Path, node.Origin) ?? EnvironmentLookup.Find(node, options.Environment, Steps);
    }

    private SyntaxNode? Lookup(ObjectNode start, IReadOnlyList<string> path, HoconOrigin reader)
    {
        IEnumerable<SyntaxNode> layers = [start];
        foreach (string key in path)
            layers = LayersOfField(layers, key, reader);
        return HeadOfLayers(layers.GetEnumerator());
    }

    /// <summary>The layers of one field of an object that is itself in layers, highest first and no further than needed.</summary>
    private IEnumerable<SyntaxNode> LayersOfField(IEnumerable<SyntaxNode> layers, string key, HoconOrigin reader)
    {
        foreach (SyntaxNode layer in layers)
        {
            Steps.Charge(1, reader);
            SyntaxNode? head = layer is AppendNode ? layer : Head(layer);
            if (head is null)
                continue;
            if (head is not ObjectNode fields)
                yield break;
            if (fields.Fields.TryGetValue(key, out FieldNode field))
            {
                foreach (SyntaxNode value in Layers(field.Value, reader))
                    yield return value;
            }
            if (fields.HidesLower)
                yield break;
        }
    }

    /// <summary>A value's layers, highest first, without those at or above one that is being resolved.</summary>
    private IEnumerable<SyntaxNode> Layers(SyntaxNode node, HoconOrigin? reader)
    {
        SyntaxNode? rest = node;
        for (SyntaxNode? at = node; at is not null; at = (at as MergeNode)?.Lower)
        {
            Steps.Charge(1, reader ?? node.Origin);
            if (_inProgress.Contains(at is MergeNode merge ? merge.Upper : at) && at is not AppendNode)
            {
                rest = (at as MergeNode)?.Lower;
                _lookBacks++;
            }
        }
        for (; rest is MergeNode merge; rest = merge.Lower)
            yield return merge.Upper;
        if (rest is not null)
            yield return rest;
    }

    private SyntaxNode? HeadOfLayers(IEnumerator<SyntaxNode> layers)
    {
        ObjectNode? merged = null;
        while (layers.MoveNext())
        {
            SyntaxNode layer = layers.Current;
            SyntaxNode? head = layer is AppendNode append ? Append(append, layers) : Head(layer);
            if (head is null)
                continue;
            if (head is not ObjectNode fields)
                return merged ?? head;
            merged = merged is null ? fields : (ObjectNode)Layering.Over(merged, fields, Steps);
            if (fields.HidesLower)
                break;
        }
        return merged;
    }

    private ListNode Append(AppendNode append, IEnumerator<SyntaxNode> layersBelow)
    {
        SyntaxNode? below = HeadOfLayers(layersBelow);
        IReadOnlyList<SyntaxNode>? items = below is null ? [] : Concatenator.ItemsOf(below);
        if (items is null)
            throw new HoconException(
                $"+= appends to {Concatenator.Describe(below!)} (from {below!.Origin})", append.Origin,
                "append to a list only, or replace the value with '='");
        Steps.Charge(items.Count + append.Items.Count, append.Origin);
        return new ListNode(append.Origin, [.. items, .. append.Items]);
    }
}
