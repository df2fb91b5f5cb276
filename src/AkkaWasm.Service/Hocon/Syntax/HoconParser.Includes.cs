using AkkaWasm.Service.Hocon.Loading;

namespace AkkaWasm.Service.Hocon.Syntax;

internal sealed partial class HoconParser
{
    private const string IncludeKeyword = "include";

    private static readonly (string Word, IncludeKind Kind)[] Locators =
    [
        ("file", IncludeKind.File),
        ("classpath", IncludeKind.Classpath),
        ("url", IncludeKind.Url),
    ];

    private bool AtInclude =>
        _source.LooksAt(IncludeKeyword)
        && (!SourceText.IsUnquoted(_source.Peek(IncludeKeyword.Length)) || _source.LooksAt($"{IncludeKeyword}//"));

    private void ParseInclude(ObjectNode target, Place place)
    {
        HoconOrigin origin = _source.Here;
        IncludeStatement statement = ReadInclude(origin);
        IncludeScope scope = new(place.Anchor, place.Path);
        foreach (ObjectNode included in _context.Loader.Include(statement, _context, Rebase(scope), place.Depth))
        {
            foreach ((string key, FieldNode field) in included.Fields)
                Layering.Put(target, key, field.KeyOrigin, field.Value);
        }
    }

    // An included file's root is looked at first, then the root of the file that includes it, and so on outwards.
    private List<IncludeScope> Rebase(IncludeScope local)
    {
        List<IncludeScope> scopes = [];
        if (local.Anchor is not null)
            scopes.Add(local);
        else if (_context.Scopes is [var own, ..])
            scopes.Add(own with { Prefix = [.. own.Prefix, .. local.Prefix] });
        else if (local.Prefix.Count > 0)
            scopes.Add(local);
        foreach (IncludeScope outer in _context.Scopes)
        {
            if (!scopes.Exists(known => ReferenceEquals(known.Anchor, outer.Anchor) && known.Prefix.SequenceEqual(outer.Prefix)))
                scopes.Add(outer);
        }
        return scopes;
    }

    private IncludeStatement ReadInclude(HoconOrigin origin)
    {
        _source.Advance(IncludeKeyword.Length);
        _source.SkipBlank();
        bool required = TryOpen("required");
        IncludeKind kind = IncludeKind.Heuristic;
        foreach ((string word, IncludeKind locator) in Locators)
        {
            if (kind == IncludeKind.Heuristic && TryOpen(word))
                kind = locator;
        }
        if (_source.Peek() != '"')
            throw _source.Error(
                $"include is followed by {_source.DescribeNext()}",
                "write include \"name\", include file(\"name\") or include required(\"name\"), or quote \"include\" if it is a key");
        string name = Literals.ReadQuoted(_source);
        if (kind != IncludeKind.Heuristic)
            Close();
        if (required)
            Close();
        return new IncludeStatement(origin, kind, name, required);
    }

    private bool TryOpen(string word)
    {
        int length = word.Length;
        while (SourceText.IsWhitespace(_source.Peek(length)))
            length++;
        if (!_source.LooksAt(word) || _source.Peek(length) != '(')
            return false;
        _source.Advance(length + 1);
        _source.SkipBlank();
        return true;
    }

    private void Close()
    {
        _source.SkipBlank();
        if (!_source.TryTake(")"))
            throw _source.Error(
                $"{_source.DescribeNext()} stands where ')' is expected", "close the parenthesis of the include after its name");
    }
}
