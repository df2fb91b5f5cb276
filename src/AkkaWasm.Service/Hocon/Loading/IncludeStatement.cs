namespace AkkaWasm.Service.Hocon.Loading;

internal enum IncludeKind
{
    /// <summary>A bare name: a URL if it begins like one, else a file beside the including one, else a resource.</summary>
    Heuristic,
    File,
    Classpath,
    Url,
}

internal sealed record IncludeStatement(HoconOrigin Origin, IncludeKind Kind, string Name, bool IsRequired);
