using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Service.Topology;

/// <summary>Reads how states are to be moved: <c>WAY</c> for all definitions, <c>NAME=WAY</c> for one, several with commas between.</summary>
internal static class MoveText
{
    /// <summary>The ways that can be asked for.</summary>
    public const string Ways = "auto, layout, migrate, save, replay or none";

    /// <summary>Reads.</summary>
    /// <param name="text">The text; empty for nothing.</param>
    /// <returns>What is asked for and null, or null and one sentence that says what is wrong.</returns>
    public static (IReadOnlyDictionary<string, MoveRequest>? Moves, string? Problem) Read(string text)
    {
        var moves = new Dictionary<string, MoveRequest>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            var (name, word) = at < 0 ? (MoveChooser.All, part) : (part[..at], part[(at + 1)..]);
            if (!Enum.GetNames<MoveRequest>().Any(known => known.Equals(word, StringComparison.OrdinalIgnoreCase)))
                return (null, $"'{word}' is no way to move a state; write {Ways}, or NAME=WAY for one agent.");
            if (!moves.TryAdd(name, Enum.Parse<MoveRequest>(word, ignoreCase: true))) return (null, $"The way to move the state of '{name}' is given twice; give it once.");
        }
        return (moves, null);
    }
}
