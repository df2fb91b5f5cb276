namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>Where an object being parsed lies: keys from the file's root, or from an object that is an item of a list.</summary>
internal sealed record Place(ObjectNode? Anchor, IReadOnlyList<string> Path, int Depth)
{
    public Place Below(IReadOnlyList<string> keys) => new(Anchor, [.. Path, .. keys], Depth + keys.Count);

    public Place InList() => this with { Depth = Depth + 1 };
}
