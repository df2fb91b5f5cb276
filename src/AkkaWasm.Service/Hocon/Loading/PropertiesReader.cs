using System.Text;
using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Loading;

/// <summary>
/// Reads Java properties: <c>key = value</c> by line, <c>\</c> at the end of a line to go on, escapes. Keys are split
/// at every dot, values are strings, and where a key has both a value and keys below it the latter win.
/// </summary>
internal sealed class PropertiesReader
{
    private readonly SourceText _source;
    private readonly ParseContext _context;
    private readonly ObjectNode _root;

    private PropertiesReader(string text, string file, ParseContext context)
    {
        _source = new SourceText(text, file);
        _context = context;
        _root = new ObjectNode(_source.Here);
    }

    public static ObjectNode Read(string text, string file, ParseContext context)
    {
        PropertiesReader reader = new(text, file, context);
        while (reader.ReadProperty())
        {
        }
        return reader._root;
    }

    private bool ReadProperty()
    {
        while (IsBlank(_source.Peek()) || IsLineEnd(_source.Peek()))
            _source.Advance();
        if (_source.AtEnd)
            return false;
        if (_source.Peek() is '#' or '!')
        {
            while (!_source.AtEnd && !IsLineEnd(_source.Peek()))
                _source.Advance();
            return true;
        }
        HoconOrigin keyOrigin = _source.Here;
        string key = ReadText(isKey: true);
        SkipBlank();
        if (_source.Peek() is '=' or ':')
        {
            _source.Advance();
            SkipBlank();
        }
        HoconOrigin valueOrigin = _source.Here;
        Put(key, keyOrigin, HoconScalar.String(valueOrigin, ReadText(isKey: false)));
        return true;
    }

    private void Put(string key, HoconOrigin keyOrigin, HoconScalar value)
    {
        string[] path = key.Split('.');
        if (_context.Depth + path.Length > _context.Limits.MaxDepth)
            throw new HoconException(
                $"values are nested more than {_context.Limits.MaxDepth} deep (MaxDepth)", keyOrigin, "shorten the key");
        _context.Values.Charge(1, keyOrigin);
        ObjectNode parent = _root;
        foreach (string element in path.AsSpan(0, path.Length - 1))
        {
            if (parent.Fields.TryGetValue(element, out FieldNode field) && field.Value is ObjectNode child)
            {
                parent = child;
                continue;
            }
            ObjectNode created = new(keyOrigin);
            parent.Fields[element] = new FieldNode(keyOrigin, created);
            parent = created;
        }
        if (parent.Fields.TryGetValue(path[^1], out FieldNode existing) && existing.Value is ObjectNode)
            return;
        parent.Fields[path[^1]] = new FieldNode(keyOrigin, new ScalarNode(value));
    }

    private string ReadText(bool isKey)
    {
        StringBuilder text = new();
        while (!_source.AtEnd && !IsLineEnd(_source.Peek()))
        {
            int c = _source.Peek();
            if (isKey && (c is '=' or ':' || IsBlank(c)))
                break;
            if (c == '\\')
            {
                ReadEscape(text);
                continue;
            }
            text.Append((char)c);
            _source.Advance();
        }
        return text.ToString();
    }

    private void ReadEscape(StringBuilder text)
    {
        int c = _source.Peek(1);
        switch (c)
        {
            case SourceText.End:
                _source.Advance();
                break;
            case '\n' or '\r':
                _source.Advance(c == '\r' && _source.Peek(2) == '\n' ? 3 : 2);
                SkipBlank();
                break;
            case 'u':
                text.Append(Literals.ReadUnicodeEscape(_source));
                break;
            default:
                text.Append(c switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => (char)c });
                _source.Advance(2);
                break;
        }
    }

    private void SkipBlank()
    {
        while (true)
        {
            if (IsBlank(_source.Peek()))
                _source.Advance();
            else if (_source.Peek() == '\\' && IsLineEnd(_source.Peek(1)))
                _source.Advance(_source.Peek(1) == '\r' && _source.Peek(2) == '\n' ? 3 : 2);
            else
                return;
        }
    }

    private static bool IsBlank(int c) => c is ' ' or '\t' or '\f';

    private static bool IsLineEnd(int c) => c is '\n' or '\r';
}
