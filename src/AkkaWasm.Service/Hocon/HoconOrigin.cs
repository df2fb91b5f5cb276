namespace AkkaWasm.Service.Hocon;

/// <summary>
/// Where a value or key was written: file (or name of the text), line and column, both counted from 1, the column in
/// UTF-16 units. Line 0 means that the source has no lines (an environment variable).
/// </summary>
internal sealed record HoconOrigin(string File, int Line, int Column)
{
    public static HoconOrigin OfWholeFile(string file) => new(file, 1, 1);

    public static HoconOrigin OfEnvironmentVariable(string name) => new($"environment variable {name}", 0, 0);

    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
