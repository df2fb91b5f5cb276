namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// The order in which parts are instantiated: each after those whose exports serve its imports, else as they were given, the main part last. Where parts import
/// from each other in a circle, the one that was given first goes first.
/// </summary>
internal sealed class PartOrder
{
    private readonly bool[,] _reaches;

    private PartOrder(IReadOnlyList<Part> parts, bool[,] reaches)
    {
        Parts = parts;
        _reaches = reaches;
    }

    public IReadOnlyList<Part> Parts { get; }

    public Part Main => Parts.First(p => p.Summary.IsMain);

    public static PartOrder Of(IReadOnlyList<Part> given)
    {
        Part[] listed = [.. given.Where(p => !p.Summary.IsMain), .. given.Where(p => p.Summary.IsMain)];
        var reaches = Reach(listed);
        var rest = Enumerable.Range(0, listed.Length).ToList();
        var order = new List<int>();
        while (rest.Count > 0)
        {
            var next = rest.First(i => rest.TrueForAll(j => i == j || !reaches[i, j] || reaches[j, i]));
            rest.Remove(next);
            order.Add(next);
        }
        var parts = order.ConvertAll(i => listed[i]);
        for (var i = 0; i < parts.Count; i++) parts[i].Number = i;
        var sorted = new bool[parts.Count, parts.Count];
        for (var i = 0; i < parts.Count; i++)
            for (var j = 0; j < parts.Count; j++) sorted[i, j] = reaches[order[i], order[j]];
        return new PartOrder(parts, sorted);
    }

    /// <summary>Whether code of one part can get to code or items of another: it imports from it, or from one that can.</summary>
    public bool Reaches(Part from, Part to) => _reaches[from.Number, to.Number];

    private static bool[,] Reach(Part[] parts)
    {
        var reaches = new bool[parts.Length, parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var servers = parts[i].Description.Imports.Select(import => parts[i].ServerOf(import.Module)).ToHashSet();
            for (var j = 0; j < parts.Length; j++) reaches[i, j] = servers.Contains(parts[j].Name);
        }
        for (var via = 0; via < parts.Length; via++)
            for (var i = 0; i < parts.Length; i++)
                for (var j = 0; j < parts.Length; j++) reaches[i, j] |= reaches[i, via] && reaches[via, j];
        return reaches;
    }
}
