using AkkaWasm.Service.Hocon.Rendering;

namespace AkkaWasm.Service.Hocon;

/// <summary>Writes a resolved tree as text.</summary>
internal static class HoconRenderer
{
    /// <summary>
    /// HOCON without outer braces, one value a line, keys bare where they can be; with <paramref name="origins"/> each
    /// line ends with a comment that says where its value was written. Reading it back gives an equal tree.
    /// </summary>
    public static string Render(HoconObject root, bool origins = false) =>
        new TreeWriter(TreeStyle.Hocon with { Origins = origins }).Write(root);

    /// <summary>JSON, indented.</summary>
    public static string RenderJson(HoconObject root) => new TreeWriter(TreeStyle.Json).Write(root);

    /// <summary>
    /// A tree that <c>Akka.Configuration.ConfigurationFactory.ParseString</c> reads to the same values: every key and
    /// value in double quotes, only nulls bare. Akka itself trims strings and takes the string <c>null</c> for no value,
    /// quoted or not; nothing can be written that it reads otherwise.
    /// </summary>
    public static string RenderForAkka(HoconObject root) => new TreeWriter(TreeStyle.Akka).Write(root);
}
