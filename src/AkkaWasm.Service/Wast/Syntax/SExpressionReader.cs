using System.Globalization;
using System.Text;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>
/// Reads the lexical format of WebAssembly text (specification, 6.3) into expressions, whatever they mean: comments, nested ones too, strings,
/// annotations. Without recursion, in one pass.
/// </summary>
internal sealed class SExpressionReader
{
    private const string IdentifierPunctuation = "!#$%&'*+-./:<=>?@\\^_`|~";
    private const string ReservedPunctuation = ",;[]{}";

    private readonly ScriptText text;
    private readonly byte[] bytes;
    private readonly List<SExpression> top = [];
    private readonly Stack<SExpression> open = new();
    private int annotations;
    private int at;
    private int lastTokenEnd = -1;

    private SExpressionReader(ScriptText text)
    {
        this.text = text;
        bytes = text.Bytes;
    }

    /// <summary>The expressions at the top of a script; annotations are left out wherever they stand.</summary>
    /// <exception cref="ScriptException">A parenthesis, comment or string is not closed, or a character may not stand where it does.</exception>
    public static IReadOnlyList<SExpression> Read(ScriptText text)
    {
        var reader = new SExpressionReader(text);
        while (reader.SkipBlank()) reader.Next();
        return reader.open.TryPeek(out var unclosed)
            ? throw unclosed.Error("the parenthesis is not closed; add )")
            : reader.top;
    }

    private byte Peek(int ahead = 0) => at + ahead < bytes.Length ? bytes[at + ahead] : (byte)0;

    /// <summary>Moves to the next token; false at the end.</summary>
    private bool SkipBlank()
    {
        while (at < bytes.Length)
        {
            if (bytes[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') at++;
            else if (Peek() == ';' && Peek(1) == ';') SkipLine();
            else if (Peek() == '(' && Peek(1) == ';') SkipBlock();
            else return true;
        }
        return false;
    }

    private void SkipLine()
    {
        while (at < bytes.Length && bytes[at] is not ((byte)'\n' or (byte)'\r')) at++;
    }

    private void SkipBlock()
    {
        var start = at;
        var depth = 0;
        do
        {
            if (at >= bytes.Length) throw text.Error(start, "the comment is not closed; add ;)");
            if (Peek() == '(' && Peek(1) == ';') (depth, at) = (depth + 1, at + 2);
            else if (Peek() == ';' && Peek(1) == ')') (depth, at) = (depth - 1, at + 2);
            else at++;
        }
        while (depth > 0);
    }

    private void Next()
    {
        if (bytes[at] == '(') Open();
        else if (bytes[at] == ')') Close();
        else Token();
    }

    private void Open()
    {
        if (open.Count >= ScriptLimits.MaxDepth) throw text.Error(at, $"lists lie in each other deeper than {ScriptLimits.MaxDepth}; write them flatter");
        var isAnnotation = Peek(1) == '@';
        if (isAnnotation && annotations == 0 && !IsIdentifierCharacter(Peek(2)) && Peek(2) != '"')
            throw text.Error(at, "the annotation has no name; write it right behind (@");
        var list = new SExpression(text, isAnnotation ? SExpressionKind.Annotation : SExpressionKind.List, at);
        Keep(list);
        open.Push(list);
        if (isAnnotation) annotations++;
        at += isAnnotation ? 2 : 1;
        lastTokenEnd = -1;
    }

    private void Close()
    {
        if (!open.TryPop(out var list)) throw text.Error(at, "the parenthesis closes nothing; remove it");
        list.End = ++at;
        if (list.Kind == SExpressionKind.Annotation) annotations--;
    }

    private void Token()
    {
        if (at == lastTokenEnd && annotations == 0) throw text.Error(at, "a space is missing before this");
        var isString = bytes[at] == '"';
        var token = new SExpression(text, isString ? SExpressionKind.String : SExpressionKind.Atom, at);
        if (isString) SkipString();
        else SkipAtom();
        token.End = lastTokenEnd = at;
        Keep(token);
    }

    /// <summary>Into the list around it, unless that list or the expression itself is an annotation.</summary>
    private void Keep(SExpression item)
    {
        if (annotations > 0 || item.Kind == SExpressionKind.Annotation) return;
        if (open.TryPeek(out var list)) list.Add(item);
        else top.Add(item);
    }

    private void SkipString()
    {
        var start = at++;
        while (Peek() != '"')
        {
            if (at >= bytes.Length || bytes[at] == '\n') throw text.Error(start, "the string is not closed; add \" in the same line, and write a line end as \\n");
            if (bytes[at] < ' ' || bytes[at] == 0x7f) throw text.Error(at, $"a string cannot hold the character U+{bytes[at]:X4}; write \\{bytes[at]:x2}");
            at += bytes[at] == '\\' ? 2 : 1;
        }
        at++;
    }

    /// <summary>A run of the characters of identifiers, a string behind <c>$</c>, or one of the characters that mean nothing yet.</summary>
    private void SkipAtom()
    {
        var start = at;
        while (IsIdentifierCharacter(Peek())) at++;
        if (at == start + 1 && bytes[start] == '$' && Peek() == '"') SkipString();
        else if (at == start && ReservedPunctuation.Contains((char)Peek())) at++;
        if (at > start) return;
        Rune.DecodeFromUtf8(bytes.AsSpan(at), out var rune, out _);
        throw text.Error(at, $"the character {Show(rune)} may stand in strings and comments only; remove it");
    }

    private static bool IsIdentifierCharacter(byte b) => char.IsAsciiLetterOrDigit((char)b) || (b != 0 && IdentifierPunctuation.Contains((char)b));

    private static string Show(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        ? $"U+{rune.Value:X4}"
        : $"'{rune}' (U+{rune.Value:X4})";
}
