namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>A value as written, before substitution. The parser owns and fills nodes; afterwards nobody changes them.</summary>
internal abstract class SyntaxNode(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <summary>A simple value; or the unquoted whitespace between two pieces, which only strings keep.</summary>
internal sealed class ScalarNode(HoconScalar value, bool isWhitespace = false) : SyntaxNode(value.Origin)
{
    public HoconScalar Value { get; } = value;

    public bool IsWhitespace { get; } = isWhitespace;
}

internal sealed class ListNode(HoconOrigin origin, List<SyntaxNode> items) : SyntaxNode(origin)
{
    public List<SyntaxNode> Items { get; } = items;
}

/// <summary>What <c>key += value</c> stands for: these items behind the list that the key has below.</summary>
internal sealed class AppendNode(HoconOrigin origin, List<SyntaxNode> items) : SyntaxNode(origin)
{
    public List<SyntaxNode> Items { get; } = items;
}

internal readonly record struct FieldNode(HoconOrigin KeyOrigin, SyntaxNode Value);

internal sealed class ObjectNode(HoconOrigin origin, bool hidesLower = false) : SyntaxNode(origin)
{
    public OrderedDictionary<string, FieldNode> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Set once the object has taken the place of a value that is no object: nothing below shows through.</summary>
    public bool HidesLower { get; } = hidesLower;
}

/// <summary>Where the root of an included file lies: under a path from the document's root, or in an object inside a list.</summary>
internal sealed record IncludeScope(ObjectNode? Anchor, IReadOnlyList<string> Prefix);

internal sealed class SubstitutionNode(
    HoconOrigin origin, IReadOnlyList<string> path, bool isOptional, bool isList, IReadOnlyList<IncludeScope> scopes)
    : SyntaxNode(origin)
{
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary><c>${?path}</c>: no value is no error.</summary>
    public bool IsOptional { get; } = isOptional;

    /// <summary><c>${NAME[]}</c>: the environment is asked for NAME_0, NAME_1, ….</summary>
    public bool IsList { get; } = isList;

    /// <summary>Where to look before the root, innermost included file first.</summary>
    public IReadOnlyList<IncludeScope> Scopes { get; } = scopes;

    public override string ToString() => $"${{{(IsOptional ? "?" : "")}{HoconPath.Render(Path)}{(IsList ? "[]" : "")}}}";
}

/// <summary>Pieces side by side on one line, at least one of which is a substitution.</summary>
internal sealed class ConcatenationNode(HoconOrigin origin, IReadOnlyList<SyntaxNode> pieces) : SyntaxNode(origin)
{
    public IReadOnlyList<SyntaxNode> Pieces { get; } = pieces;
}

/// <summary>
/// A value over an earlier one of the same key whose merge must wait for substitutions. The upper is never itself a merge.
/// </summary>
internal sealed class MergeNode(SyntaxNode upper, SyntaxNode lower) : SyntaxNode(upper.Origin)
{
    public SyntaxNode Upper { get; } = upper;

    public SyntaxNode Lower { get; } = lower;
}
