namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>
/// Parses one file into an object of unresolved values. Recursion follows the nesting of braces and brackets and is
/// bounded by <see cref="HoconLimits.MaxDepth"/>.
/// </summary>
internal sealed partial class HoconParser
{
    private readonly SourceText _source;
    private readonly ParseContext _context;

    private HoconParser(SourceText source, ParseContext context)
    {
        _source = source;
        _context = context;
    }

    public static ObjectNode Parse(string text, string file, ParseContext context) =>
        new HoconParser(new SourceText(text, file), context).ParseRoot();

    private ObjectNode ParseRoot()
    {
        _source.SkipBlank();
        ObjectNode root = new(_source.Here);
        Place place = new(null, [], _context.Depth);
        if (_source.Peek() == '[')
            throw _source.Error("the file holds a list", "write an object, with or without braces around it");
        if (_source.Peek() != '{')
        {
            ParseFields(root, place, open: null);
            return root;
        }
        ParseBracedFields(root, place);
        _source.SkipBlank();
        if (!_source.AtEnd)
            throw _source.Error(
                $"unexpected {_source.DescribeNext()} after the closing brace of the file", "remove what follows the brace");
        return root;
    }

    private void ParseBracedFields(ObjectNode target, Place place)
    {
        HoconOrigin open = _source.Here;
        CheckDepth(place.Depth, open);
        _source.Advance();
        ParseFields(target, place, open);
    }

    private void ParseFields(ObjectNode target, Place place, HoconOrigin? open)
    {
        _source.SkipBlank();
        while (!AtFieldsEnd(open))
        {
            if (_source.Peek() == ',')
                throw _source.Error("a comma stands where a field is expected", "remove the comma");
            ParseField(target, place);
            bool newLine = _source.SkipBlank();
            if (_source.Peek() == ',')
            {
                _source.Advance();
                _source.SkipBlank();
            }
            else if (!newLine && _source.Peek() is not ('}' or ']' or SourceText.End))
            {
                throw _source.Error($"unexpected {_source.DescribeNext()} after a field", "separate fields by a comma or a new line");
            }
        }
    }

    private bool AtFieldsEnd(HoconOrigin? open)
    {
        switch (_source.Peek())
        {
            case SourceText.End when open is null:
                return true;
            case SourceText.End:
                throw new HoconException("the object is never closed", open!, "close it with '}'");
            case '}' when open is not null:
                _source.Advance();
                return true;
            case '}':
                throw _source.Error("'}' closes no object", "remove it, or add the '{' that it belongs to");
            case ']' when open is not null:
                throw _source.Error("']' stands in an object that is still open", $"close the object opened at {open} with '}}' first");
            case ']':
                throw _source.Error("']' closes no list", "remove it, or add the '[' that it belongs to");
            default:
                return false;
        }
    }

    private void ParseField(ObjectNode target, Place place)
    {
        if (AtInclude)
        {
            ParseInclude(target, place);
            return;
        }
        HoconOrigin keyOrigin = _source.Here;
        IReadOnlyList<string> path = ReadKey(place);
        ObjectNode parent = target;
        foreach (string key in path.SkipLast(1))
            parent = Layering.Descend(parent, key, keyOrigin);
        Place valuePlace = place.Below(path);
        SyntaxNode value = ReadSeparator(path) ? ParseAppended(path, valuePlace) : ParseValue(path, valuePlace, inList: false);
        Layering.Put(parent, path[^1], keyOrigin, value);
    }

    private IReadOnlyList<string> ReadKey(Place place)
    {
        switch (_source.Peek())
        {
            case '$':
                throw _source.Error("a substitution stands in a key", "write the key itself; substitutions are for values");
            case '{' or '[':
                throw _source.Error($"{_source.DescribeNext()} stands where a key is expected", "write a key before the value");
            case ':' or '=' or '+':
                throw _source.Error($"{_source.DescribeNext()} has no key before it", "write a key before it");
        }
        HoconOrigin origin = _source.Here;
        if (!_source.AtUnquoted && _source.Peek() != '"')
            throw _source.Error($"{_source.DescribeNext()} cannot begin a key", "put the key in double quotes");
        IReadOnlyList<string> path = PathExpression.Read(_source, _context.Limits.MaxDepth);
        CheckDepth(place.Depth + path.Count - 1, origin);
        return path;
    }

    /// <summary>Takes what stands between key and value; true for <c>+=</c>.</summary>
    private bool ReadSeparator(IReadOnlyList<string> path)
    {
        _source.SkipBlank();
        if (_source.TryTake("+="))
            return true;
        if (_source.Peek() is ':' or '=')
            _source.Advance();
        else if (_source.Peek() is '$')
            throw _source.Error("a substitution stands in a key", "write the key itself; substitutions are for values");
        else if (_source.Peek() != '{')
            throw _source.Error(
                $"key '{HoconPath.Render(path)}' is followed by {_source.DescribeNext()}", "write '=' or ':' and a value after the key");
        return false;
    }

    private AppendNode ParseAppended(IReadOnlyList<string> path, Place place)
    {
        HoconOrigin origin = _source.Here;
        return new AppendNode(origin, [ParseValue(path, place.InList(), inList: true)]);
    }

    private void CheckDepth(int depth, HoconOrigin origin)
    {
        if (depth >= _context.Limits.MaxDepth)
            throw new HoconException(
                $"values are nested more than {_context.Limits.MaxDepth} deep (MaxDepth)", origin, "make the structure flatter");
    }
}
