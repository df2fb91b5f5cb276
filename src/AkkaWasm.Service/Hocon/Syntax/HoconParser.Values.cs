using System.Text;

namespace AkkaWasm.Service.Hocon.Syntax;

internal sealed partial class HoconParser
{
    /// <summary>Parses the value of a field or, when there is no key, an item of a list: everything up to the end of its line.</summary>
    private SyntaxNode ParseValue(IReadOnlyList<string>? key, Place place, bool inList)
    {
        _source.SkipBlank();
        HoconOrigin start = _source.Here;
        List<SyntaxNode> pieces = [];
        while (true)
        {
            HoconOrigin gap = _source.Here;
            string whitespace = _source.TakeWhitespace();
            if (_source.AtComment || _source.Peek() is SourceText.End or '\n' or ',' or '}' or ']')
                break;
            if (whitespace.Length > 0)
                pieces.Add(new ScalarNode(HoconScalar.String(gap, whitespace), isWhitespace: true));
            pieces.Add(ParsePiece(inList, place));
        }
        if (pieces.Count == 0)
            throw new HoconException(MissingValue(key), start, "write a value, such as \"\" for an empty string");
        _context.Values.Charge(1, start);
        return pieces.Count == 1 ? pieces[0] : Join(pieces);
    }

    private string MissingValue(IReadOnlyList<string>? key)
    {
        string found = $"{_source.DescribeNext()} stands where a value is expected";
        return key is null ? found : $"key '{HoconPath.Render(key)}' has no value: {found}";
    }

    private SyntaxNode ParsePiece(bool inList, Place place)
    {
        HoconOrigin origin = _source.Here;
        switch (_source.Peek())
        {
            case '"':
                return new ScalarNode(HoconScalar.String(origin, Literals.ReadQuoted(_source)));
            case '{':
                return ParseObject(inList, place);
            case '[':
                return ParseList(place);
            case '$':
                return ParseSubstitution();
        }
        if (_source.AtUnquoted)
            return new ScalarNode(Literals.Classify(Literals.ReadUnquoted(_source), origin));
        throw _source.Peek() is ':' or '='
            ? _source.Error(
                $"{_source.DescribeNext()} stands in a value",
                "put a comma or a new line before the next key, or the value in double quotes")
            : _source.Error($"{_source.DescribeNext()} cannot stand in an unquoted string", "put the value in double quotes");
    }

    private ObjectNode ParseObject(bool inList, Place place)
    {
        ObjectNode node = new(_source.Here);
        ParseBracedFields(node, inList ? new Place(node, [], place.Depth) : place);
        return node;
    }

    private ListNode ParseList(Place place)
    {
        HoconOrigin open = _source.Here;
        CheckDepth(place.Depth, open);
        Place within = place.InList();
        List<SyntaxNode> items = [];
        _source.Advance();
        _source.SkipBlank();
        while (!AtListEnd(open))
        {
            if (_source.Peek() == ',')
                throw _source.Error("a comma stands where an item is expected", "remove the comma");
            items.Add(ParseValue(null, within, inList: true));
            bool newLine = _source.SkipBlank();
            if (_source.Peek() == ',')
            {
                _source.Advance();
                _source.SkipBlank();
            }
            else if (!newLine && _source.Peek() is not (']' or '}' or SourceText.End))
            {
                throw _source.Error(
                    $"unexpected {_source.DescribeNext()} after an item of a list", "separate items by a comma or a new line");
            }
        }
        return new ListNode(open, items);
    }

    private bool AtListEnd(HoconOrigin open)
    {
        switch (_source.Peek())
        {
            case SourceText.End:
                throw new HoconException("the list is never closed", open, "close it with ']'");
            case '}':
                throw _source.Error("'}' stands in a list that is still open", $"close the list opened at {open} with ']' first");
            case ']':
                _source.Advance();
                return true;
            default:
                return false;
        }
    }

    private SubstitutionNode ParseSubstitution()
    {
        HoconOrigin origin = _source.Here;
        if (!_source.TryTake("${"))
            throw _source.Error("'$' stands alone in a value", "write ${path} for a substitution, or put the value in double quotes");
        bool optional = _source.TryTake("?");
        _source.TakeWhitespace();
        if (_source.Peek() != '"' && !_source.AtUnquoted)
        {
            string problem = _source.Peek() == '}'
                ? "the substitution names no path"
                : $"{_source.DescribeNext()} stands where the substitution's path is expected";
            throw new HoconException(problem, origin, "write it as ${a.b} or ${?a.b}");
        }
        IReadOnlyList<string> path = PathExpression.Read(_source, _context.Limits.MaxDepth);
        bool list = _source.TryTake("[]");
        _source.TakeWhitespace();
        if (!_source.TryTake("}"))
            throw new HoconException(
                $"the substitution is not closed before {_source.DescribeNext()}", origin, "close it with '}' after its path");
        return new SubstitutionNode(origin, path, optional, list, _context.Scopes);
    }

    /// <summary>Joins pieces that are all known at once; anything with a substitution waits for it.</summary>
    private SyntaxNode Join(List<SyntaxNode> pieces)
    {
        List<SyntaxNode> solid = [.. pieces.Where(piece => piece is not ScalarNode { IsWhitespace: true })];
        if (solid.Count == 1)
            return solid[0];
        if (solid.TrueForAll(piece => piece is ScalarNode))
            return JoinText(pieces);
        RefuseMixture(solid);
        if (solid.TrueForAll(piece => piece is ListNode))
            return new ListNode(solid[0].Origin, [.. solid.Cast<ListNode>().SelectMany(list => list.Items)]);
        if (solid.TrueForAll(piece => piece is ObjectNode))
            return solid.Aggregate((lower, upper) => Layering.Over(upper, lower));
        return new ConcatenationNode(pieces[0].Origin, pieces);
    }

    private static void RefuseMixture(List<SyntaxNode> pieces)
    {
        int text = pieces.FindIndex(piece => piece is ScalarNode);
        int other = pieces.FindIndex(piece => piece is ListNode or ObjectNode);
        if (text < 0 || other < 0)
            return;
        string kind = pieces[other] is ListNode ? "a list" : "an object";
        throw new HoconException(
            $"{kind} stands beside a simple value on one line", pieces[Math.Max(text, other)].Origin,
            "put a comma or a new line between them, or quote the whole value");
    }

    private static ScalarNode JoinText(List<SyntaxNode> pieces)
    {
        StringBuilder text = new();
        foreach (SyntaxNode piece in pieces)
            text.Append(((ScalarNode)piece).Value.Text);
        return new ScalarNode(HoconScalar.String(pieces[0].Origin, text.ToString()));
    }
}
