using System.Text;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>What an expression of a script is.</summary>
internal enum SExpressionKind : byte
{
    /// <summary>Expressions in parentheses.</summary>
    List,

    /// <summary>A list that begins with <c>(@</c>: it belongs to a tool and means nothing to others.</summary>
    Annotation,

    /// <summary>A word, a number, an identifier.</summary>
    Atom,

    /// <summary>Text in quotation marks.</summary>
    String,
}

/// <summary>An expression of a script and the bytes that it spans.</summary>
/// <param name="text">The script.</param>
/// <param name="kind">What it is.</param>
/// <param name="start">Its first byte.</param>
internal sealed class SExpression(ScriptText text, SExpressionKind kind, int start)
{
    private List<SExpression>? items;

    public SExpressionKind Kind { get; } = kind;

    public int Start { get; } = start;

    /// <summary>The byte behind it.</summary>
    public int End { get; set; }

    public ScriptText Text { get; } = text;

    public ScriptPlace Place => Text.PlaceOf(Start);

    /// <summary>A list's expressions without annotations; none for anything else.</summary>
    public IReadOnlyList<SExpression> Items => items ?? (IReadOnlyList<SExpression>)[];

    /// <summary>An atom as it is written; empty for anything else.</summary>
    public string Word => Kind == SExpressionKind.Atom ? Source : "";

    /// <summary>The atom that a list begins with; empty if there is none.</summary>
    public string Head => Items.Count > 0 ? Items[0].Word : "";

    /// <summary>Whether it is an identifier, as <c>$name</c> or <c>$"any name"</c>.</summary>
    public bool IsIdentifier => Kind == SExpressionKind.Atom && Text.Bytes[Start] == '$' && End - Start > 1;

    /// <summary>An identifier without quotation marks, so that both ways to write it are the same; null for anything else.</summary>
    /// <exception cref="ScriptException">An escape in it means nothing, or it is not UTF-8.</exception>
    public string? Identifier => !IsIdentifier ? null : Text.Bytes[Start + 1] == '"' ? $"${StringLiteral.ReadName(this, Start + 1)}" : Word;

    /// <summary>The text that it spans.</summary>
    public string Source => Encoding.UTF8.GetString(Bytes);

    /// <summary>The bytes that it spans.</summary>
    public ReadOnlySpan<byte> Bytes => Text.Bytes.AsSpan(Start, End - Start);

    public void Add(SExpression item) => (items ??= []).Add(item);

    public ScriptException Error(string reason) => Text.Error(Start, reason);
}
