using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

/// <summary>Short ways to read and show a configuration in a test.</summary>
internal static class Conf
{
    public static HoconReaderOptions WithEnvironment(params (string Name, string Value)[] variables) =>
        new() { Environment = name => Array.Find(variables, variable => variable.Name == name).Value };

    public static HoconObject Resolve(string text, HoconReaderOptions? options = null) =>
        HoconReader.ReadText(text, "test.conf", options ?? WithEnvironment()).Resolve();

    public static HoconCursor Cursor(string text, HoconReaderOptions? options = null) => new(Resolve(text, options));

    /// <summary>The resolved tree on one line, as JSON.</summary>
    public static string Json(string text, HoconReaderOptions? options = null) => Json(Resolve(text, options));

    public static string Json(HoconValue value) => value switch
    {
        HoconObject fields => $"{{{string.Join(',', fields.Fields.Select(field => $"\"{field.Key}\":{Json(field.Value)}"))}}}",
        HoconList list => $"[{string.Join(',', list.Items.Select(Json))}]",
        HoconScalar { Kind: HoconKind.String } text => $"\"{text.Text}\"",
        _ => ((HoconScalar)value).Text,
    };

    public static HoconException Refused(string text, HoconReaderOptions? options = null) =>
        Assert.Throws<HoconException>(() => Resolve(text, options));
}
