using System.Text;
using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Resolution;

/// <summary>Joins the pieces of a value once their heads are known: all text, all lists, or all objects.</summary>
internal sealed class Concatenator(Resolver resolver, HoconLimits limits)
{
    public SyntaxNode? Join(ConcatenationNode node)
    {
        List<SyntaxNode> heads = [];
        foreach (SyntaxNode piece in node.Pieces)
        {
            if (resolver.Head(piece) is { } head)
                heads.Add(head);
        }
        return heads.Exists(head => head is not ScalarNode) ? JoinParts(node, heads) : JoinText(node, heads);
    }

    /// <summary>The items of a list, or of an object whose keys are numbers; null for anything else.</summary>
    public static IReadOnlyList<SyntaxNode>? ItemsOf(SyntaxNode head)
    {
        if (head is ListNode list)
            return list.Items;
        if (head is not ObjectNode fields)
            return null;
        List<(int Index, SyntaxNode Value)> items = [];
        foreach ((string key, FieldNode field) in fields.Fields)
        {
            if (HoconIndex.TryParse(key, out int index))
                items.Add((index, field.Value));
        }
        return items.Count == 0 ? null : [.. items.OrderBy(item => item.Index).Select(item => item.Value)];
    }

    public static string Describe(SyntaxNode head) => head switch
    {
        ListNode => "a list",
        ObjectNode => "an object",
        ScalarNode { Value: { Kind: HoconKind.String } value } => $"the string {HoconText.Shorten(value.Text)}",
        ScalarNode scalar => scalar.Value.Text,
        _ => "a value",
    };

    private ScalarNode? JoinText(ConcatenationNode node, List<SyntaxNode> heads)
    {
        if (heads.Count == 0)
            return null;
        StringBuilder text = new();
        foreach (SyntaxNode head in heads)
        {
            text.Append(((ScalarNode)head).Value.Text);
            if (text.Length > limits.MaxStringChars)
                throw new HoconException(
                    $"the string grows past {limits.MaxStringChars} characters (MaxStringChars)", node.Origin,
                    "use fewer substitutions in it");
        }
        resolver.Steps.Charge(1 + (text.Length / 64), node.Origin);
        return new ScalarNode(HoconScalar.String(node.Origin, text.ToString()));
    }

    private SyntaxNode JoinParts(ConcatenationNode node, List<SyntaxNode> heads)
    {
        List<SyntaxNode> parts = heads.FindAll(head => head is not ScalarNode { IsWhitespace: true });
        SyntaxNode result = parts[0];
        foreach (SyntaxNode part in parts.Skip(1))
            result = JoinTwo(node, result, part);
        return result;
    }

    private SyntaxNode JoinTwo(ConcatenationNode node, SyntaxNode left, SyntaxNode right)
    {
        if (left is ObjectNode lower && right is ObjectNode upper)
            return Layering.Over(upper, lower, resolver.Steps);
        if ((left is ListNode || right is ListNode) && ItemsOf(left) is { } first && ItemsOf(right) is { } second)
        {
            resolver.Steps.Charge(first.Count + second.Count, node.Origin);
            return new ListNode(node.Origin, [.. first, .. second]);
        }
        throw new HoconException(
            $"{Describe(left)} (from {left.Origin}) and {Describe(right)} (from {right.Origin}) cannot be concatenated", node.Origin,
            "concatenate only strings, only lists or only objects");
    }
}
