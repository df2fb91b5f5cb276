using System.Text;
using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Rendering;

/// <summary>The ways of writing a tree differ in these points only.</summary>
internal sealed record TreeStyle(bool RootBraces, bool BareKeys, bool Commas, string Separator)
{
    public static readonly TreeStyle Hocon = new(RootBraces: false, BareKeys: true, Commas: false, Separator: " = ");
    public static readonly TreeStyle Json = new(RootBraces: true, BareKeys: false, Commas: true, Separator: ": ");
    public static readonly TreeStyle Akka = new(RootBraces: true, BareKeys: false, Commas: true, Separator: " : ") { QuoteScalars = true };

    public bool Origins { get; init; }

    public bool QuoteScalars { get; init; }
}

/// <summary>Writes a tree depth first; depth is bounded because trees are.</summary>
internal sealed class TreeWriter(TreeStyle style)
{
    private readonly StringBuilder _text = new();

    public string Write(HoconObject root)
    {
        if (style.RootBraces)
        {
            WriteValue(root, 0);
            _text.Append('\n');
        }
        else
        {
            WriteFields(root, 0);
        }
        return _text.ToString();
    }

    private void WriteValue(HoconValue value, int depth)
    {
        switch (value)
        {
            case HoconObject fields:
                WriteBlock('{', '}', fields.Fields.Count == 0 ? null : () => WriteFields(fields, depth + 1), value, depth);
                break;
            case HoconList list:
                WriteBlock('[', ']', list.Items.Count == 0 ? null : () => WriteItems(list, depth + 1), value, depth);
                break;
            case HoconScalar scalar when scalar.Kind == HoconKind.String || (style.QuoteScalars && scalar.Kind != HoconKind.Null):
                _text.AppendQuoted(scalar.Text);
                break;
            case HoconScalar scalar:
                _text.Append(scalar.Text);
                break;
        }
    }

    private void WriteBlock(char open, char close, Action? content, HoconValue value, int depth)
    {
        _text.Append(open);
        if (content is not null)
        {
            WriteOrigin(value.Origin);
            _text.Append('\n');
            content();
            Indent(depth);
        }
        _text.Append(close);
    }

    private void WriteFields(HoconObject fields, int depth)
    {
        for (int index = 0; index < fields.Fields.Count; index++)
        {
            Indent(depth);
            WriteKey(fields.Fields[index].Key);
            _text.Append(style.Separator);
            EndValue(fields.Fields[index].Value, depth, isLast: index == fields.Fields.Count - 1);
        }
    }

    private void WriteItems(HoconList list, int depth)
    {
        for (int index = 0; index < list.Items.Count; index++)
        {
            Indent(depth);
            EndValue(list.Items[index], depth, isLast: index == list.Items.Count - 1);
        }
    }

    private void EndValue(HoconValue value, int depth, bool isLast)
    {
        WriteValue(value, depth);
        if (style.Commas && !isLast)
            _text.Append(',');
        if (value is HoconScalar or HoconList { Items.Count: 0 } or HoconObject { Fields.Count: 0 })
            WriteOrigin(value.Origin);
        _text.Append('\n');
    }

    private void WriteKey(string key)
    {
        if (style.BareKeys && IsBareKey(key))
            _text.Append(key);
        else
            _text.AppendQuoted(key);
    }

    private static bool IsBareKey(string key) =>
        key.Length > 0 && key != "include" && char.IsAsciiLetter(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private void WriteOrigin(HoconOrigin origin)
    {
        if (style.Origins)
            _text.Append("  # ").Append(origin.ToString().ReplaceLineEndings(" "));
    }

    private void Indent(int depth) => _text.Append(' ', depth * 2);
}
