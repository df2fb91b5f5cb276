using System.Globalization;
using System.Text;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>A list, an atom or a string of a script, with the bytes it spans.</summary>
internal sealed class SExpression
{
    private readonly byte[] _script;

    private SExpression(byte[] script, int start)
    {
        _script = script;
        Start = start;
    }

    public int Start { get; }

    public int End { get; private set; }

    public List<SExpression> Children { get; } = [];

    public bool IsList => _script[Start] == '(';

    public bool IsString => _script[Start] == '"';

    public bool IsAnnotation => IsList && Start + 1 < _script.Length && _script[Start + 1] == '@';

    public string Atom => Encoding.UTF8.GetString(_script, Start, End - Start);

    public string Keyword => Children.Count > 0 && !Children[0].IsList ? Children[0].Atom : "";

    /// <summary>Reads a whole script without recursion. Comments, nested ones too, are left out.</summary>
    public static List<SExpression> ReadAll(byte[] script)
    {
        var top = new List<SExpression>();
        var open = new Stack<SExpression>();
        for (var i = 0; i < script.Length;)
        {
            if (char.IsWhiteSpace((char)script[i])) i++;
            else if (At(script, i, ";;")) i = LineEnd(script, i);
            else if (At(script, i, "(;")) i = CommentEnd(script, i);
            else if (script[i] == ')')
            {
                if (!open.TryPop(out var closed)) throw new FormatException($"a parenthesis too many at byte {i}");
                closed.End = ++i;
            }
            else
            {
                var item = new SExpression(script, i);
                (open.TryPeek(out var parent) ? parent.Children : top).Add(item);
                if (script[i] == '(') open.Push(item);
                i = item.End = script[i] switch { (byte)'(' => i + 1, (byte)'"' => StringEnd(script, i), _ => AtomEnd(script, i) };
            }
        }
        return open.Count == 0 ? top : throw new FormatException($"a parenthesis is not closed at byte {open.Peek().Start}");
    }

    /// <summary>The bytes a string literal stands for.</summary>
    public byte[] StringValue()
    {
        var bytes = new List<byte>();
        for (var i = Start + 1; i < End - 1; i++)
        {
            if (_script[i] != '\\') bytes.Add(_script[i]);
            else i = Escape(bytes, i + 1);
        }
        return [.. bytes];
    }

    private int Escape(List<byte> bytes, int i)
    {
        const string named = "t\tn\nr\r\"\"''\\\\";
        var letter = (char)_script[i];
        for (var n = 0; n < named.Length; n += 2)
        {
            if (named[n] != letter) continue;
            bytes.Add((byte)named[n + 1]);
            return i;
        }
        if (letter != 'u')
        {
            bytes.Add(byte.Parse(Encoding.ASCII.GetString(_script, i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            return i + 1;
        }
        var close = Array.IndexOf(_script, (byte)'}', i);
        var scalar = int.Parse(Encoding.ASCII.GetString(_script, i + 2, close - i - 2).Replace("_", ""), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        bytes.AddRange(Encoding.UTF8.GetBytes(char.ConvertFromUtf32(scalar)));
        return close;
    }

    private static bool At(byte[] script, int i, string what) =>
        i + 1 < script.Length && script[i] == what[0] && script[i + 1] == what[1];

    private static int LineEnd(byte[] script, int i)
    {
        while (i < script.Length && script[i] is not ((byte)'\n' or (byte)'\r')) i++;
        return i;
    }

    private static int CommentEnd(byte[] script, int i)
    {
        var depth = 0;
        do
        {
            if (i >= script.Length) throw new FormatException("a block comment is not closed");
            if (At(script, i, "(;")) depth++;
            else if (At(script, i, ";)")) depth--;
            else
            {
                i++;
                continue;
            }
            i += 2;
        } while (depth > 0);
        return i;
    }

    private static int StringEnd(byte[] script, int i)
    {
        for (i++; script[i] != '"'; i++)
        {
            if (script[i] == '\\') i++;
        }
        return i + 1;
    }

    private static int AtomEnd(byte[] script, int i)
    {
        do i++;
        while (i < script.Length && !char.IsWhiteSpace((char)script[i]) && script[i] is not ((byte)'(' or (byte)')' or (byte)'"' or (byte)';'));
        return i;
    }
}
