using System.Globalization;
using System.Text;
using AkkaWasm.Service.Wast.Syntax;

namespace AkkaWasm.Service.Wast.Script;

/// <summary>
/// Takes modules out of a script: what stands there as text is handed on as it is, for the engine library's own reader, with as many lines and
/// columns before it as in the script, so that its errors name the right place.
/// </summary>
internal static class ModuleReader
{
    private const string Definition = "definition";
    private const string Instance = "instance";

    private static readonly byte[] EmptyModule = "(module)"u8.ToArray();

    /// <summary>Whether it is a module, a definition, or an instance of one.</summary>
    public static bool IsModule(SExpression expression) => expression.Head == "module";

    /// <summary>Whether it is <c>(module definition …)</c>.</summary>
    public static bool IsDefinition(SExpression expression) => IsModule(expression) && SecondWord(expression) == Definition;

    /// <summary>Reads <c>(module …)</c> or <c>(module instance …)</c>.</summary>
    /// <exception cref="ScriptException">It is neither.</exception>
    public static Instantiation ReadInstance(SExpression expression)
    {
        if (SecondWord(expression) != Instance)
        {
            var module = Read(expression);
            return new Instantiation(expression.Place, module.Name, module, null);
        }
        var names = expression.Items.Skip(2).ToArray();
        if (names.Length > 2 || !names.All(name => name.IsIdentifier))
            throw expression.Error("an instance has at most two identifiers, its own and that of the definition; write (module instance $i $m)");
        return new Instantiation(expression.Place, names.ElementAtOrDefault(0)?.Identifier, null, names.ElementAtOrDefault(1)?.Identifier);
    }

    /// <summary>Reads <c>(module …)</c> or <c>(module definition …)</c>.</summary>
    /// <exception cref="ScriptException">It is no module, or its strings cannot be read.</exception>
    public static ScriptModule Read(SExpression expression)
    {
        if (!IsModule(expression)) throw expression.Error($"a module is wanted and not {expression.Source}; write (module …)");
        if (SecondWord(expression) == Instance) throw expression.Error("a module is wanted and no instance of one; write (module …)");
        var words = expression.Items.Skip(1).TakeWhile(item => item.Kind == SExpressionKind.Atom).ToList();
        var definition = words.FirstOrDefault() is { Word: Definition } word ? word : null;
        if (definition is not null) words.RemoveAt(0);
        var name = words.FirstOrDefault() is { IsIdentifier: true } identifier ? identifier : null;
        if (name is not null) words.RemoveAt(0);
        return words.FirstOrDefault()?.Word switch
        {
            "binary" => new ScriptModule(expression.Place, name?.Identifier, ModuleForm.Binary, Strings(expression, words[0], "")),
            "quote" => new ScriptModule(expression.Place, name?.Identifier, ModuleForm.Quote, Quoted(Strings(expression, words[0], " "))),
            _ => new ScriptModule(expression.Place, name?.Identifier, ModuleForm.Text, InPlace(expression, definition)),
        };
    }

    /// <summary>A script that is nothing but the fields of one module.</summary>
    public static ScriptModule ReadFields(ScriptText text, SExpression first) =>
        new(first.Place, null, ModuleForm.Text, Escaped(text.Bytes));

    private static string SecondWord(SExpression expression) => expression.Items.Count > 1 ? expression.Items[1].Word : "";

    private static byte[] Strings(SExpression module, SExpression form, string separator)
    {
        var bytes = new List<byte>();
        foreach (var item in module.Items.SkipWhile(item => item != form).Skip(1))
        {
            bytes.AddRange(StringLiteral.Read(item));
            bytes.AddRange(Encoding.ASCII.GetBytes(separator));
        }
        return [.. bytes];
    }

    /// <summary>No text at all is the fields of an empty module, which the library does not take as such.</summary>
    private static byte[] Quoted(byte[] text) => text.AsSpan().Trim(" \t\r\n"u8).IsEmpty ? EmptyModule : Escaped(text);

    private static byte[] InPlace(SExpression module, SExpression? definition)
    {
        var place = module.Place;
        var text = new byte[place.Line - 1 + place.Column - 1 + module.Bytes.Length];
        text.AsSpan(0, place.Line - 1).Fill((byte)'\n');
        text.AsSpan(place.Line - 1, place.Column - 1).Fill((byte)' ');
        var body = text.AsSpan(place.Line - 1 + place.Column - 1);
        module.Bytes.CopyTo(body);
        if (definition is not null) body.Slice(definition.Start - module.Start, Definition.Length).Fill((byte)' ');
        return Escaped(text);
    }

    /// <summary>
    /// The library refuses text with the invisible characters that change the direction of writing, since they can hide what it says. The
    /// specification allows them in strings and comments; there an escape says the same.
    /// </summary>
    private static byte[] Escaped(byte[] utf8)
    {
        if (!utf8.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)0x7f)) return utf8;
        var text = Encoding.UTF8.GetString(utf8);
        if (!text.Any(IsFormat) || !Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(utf8)) return utf8;
        return Encoding.UTF8.GetBytes(string.Concat(text.Select(c => IsFormat(c) ? $"\\u{{{(int)c:x}}}" : c.ToString())));
    }

    private static bool IsFormat(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
