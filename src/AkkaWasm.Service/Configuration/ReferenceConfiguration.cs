using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>The defaults, which lie under every configuration file: <c>reference.conf</c>, built into the program.</summary>
internal static class ReferenceConfiguration
{
    /// <summary>How its values are named in origins.</summary>
    public const string FileName = "reference.conf";

    public static string Text { get; } = ReadResource();

    public static HoconDocument Document() => HoconReader.ReadText(Text, FileName);

    private static string ReadResource()
    {
        using var stream = typeof(ReferenceConfiguration).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"The program was built without {FileName}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
