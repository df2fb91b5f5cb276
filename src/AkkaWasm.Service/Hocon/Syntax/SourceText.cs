namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>The characters of one file with the place of the next one, and HOCON's classes of characters.</summary>
internal sealed class SourceText(string text, string file)
{
    public const int End = -1;

    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    private int _index = text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;
    private int _lineStart = text.StartsWith('\uFEFF') ? 1 : 0;

    public string File { get; } = file;

    public bool AtEnd => _index >= text.Length;

    public HoconOrigin Here => new(File, _line, _index - _lineStart + 1);

    public int Index => _index;

    public int Peek(int ahead = 0) => _index + ahead < text.Length ? text[_index + ahead] : End;

    public bool LooksAt(string expected) => string.CompareOrdinal(text, _index, expected, 0, expected.Length) == 0;

    public string Since(int index) => text[index.._index];

    public void Advance(int count = 1)
    {
        for (; count > 0; count--)
        {
            if (text[_index++] == '\n')
            {
                _line++;
                _lineStart = _index;
            }
        }
    }

    public bool TryTake(string expected)
    {
        if (!LooksAt(expected))
            return false;
        Advance(expected.Length);
        return true;
    }

    /// <summary>The whitespace up to the next other character or line end.</summary>
    public string TakeWhitespace()
    {
        int start = _index;
        while (IsWhitespace(Peek()))
            Advance();
        return Since(start);
    }

    /// <summary>Skips whitespace, comments and line ends; true when a line ended.</summary>
    public bool SkipBlank()
    {
        int line = _line;
        while (true)
        {
            int next = Peek();
            if (next == '\n' || IsWhitespace(next))
                Advance();
            else if (AtComment)
                SkipLine();
            else
                return _line != line;
        }
    }

    public bool AtComment => Peek() == '#' || (Peek() == '/' && Peek(1) == '/');

    public bool AtUnquoted => IsUnquoted(Peek()) && !AtComment;

    public HoconException Error(string problem, string remedy) => new(problem, Here, remedy);

    /// <summary>The next character as a message can show it.</summary>
    public string DescribeNext() => Describe(Peek());

    public static string Describe(int c) => c switch
    {
        End => "end of the file",
        '\n' => "line end",
        '\t' => "tab",
        '\'' => "character \"'\"",
        _ when char.IsControl((char)c) || char.IsSurrogate((char)c) => $"character U+{c:X4}",
        _ => $"'{(char)c}'",
    };

    public static bool IsWhitespace(int c) => c switch
    {
        ' ' or '\t' or '\v' or '\f' or '\r' or '\uFEFF' => true,
        >= 0x1C and <= 0x1F => true,
        < 0x80 => false,
        _ => char.IsSeparator((char)c),
    };

    public static bool IsUnquoted(int c) => c != End && c != '\n' && !IsWhitespace(c) && !Reserved.Contains((char)c);

    private void SkipLine()
    {
        while (Peek() is not ('\n' or End))
            Advance();
    }
}
