using System.Globalization;

namespace AkkaWasm.Mesh.Events;

/// <summary>A place in the log of one shard: a consistent cut of that shard. Written <c>shard-epoch-offset</c>, as in <c>0-2-1707</c>.</summary>
/// <param name="Shard">Number of the shard, 0 or more.</param>
/// <param name="Epoch">Which owner of the shard wrote it, 1 or more; 0 where it is not known.</param>
/// <param name="Offset">Number of the record in its shard, 0 or more, rising by one with every record across epochs.</param>
public readonly record struct Position(int Shard, int Epoch, long Offset) : IComparable<Position>
{
    /// <summary>Stands for "nothing": an event without a cause, an agent that has handled nothing.</summary>
    public const long None = -1;

    /// <summary>Reads <c>shard-epoch-offset</c>, or a bare offset of shard 0.</summary>
    /// <returns>Whether <paramref name="text"/> is a position.</returns>
    public static bool TryParse(string text, out Position position)
    {
        position = default;
        var parts = text.Split('-');
        if (parts.Length == 1 && TryNumber(parts[0], out var bare))
        {
            position = new Position(0, 0, bare);
            return true;
        }
        if (parts.Length != 3 || !TryNumber(parts[0], out var shard) || !TryNumber(parts[1], out var epoch) || !TryNumber(parts[2], out var offset))
            return false;
        if (shard > int.MaxValue || epoch > int.MaxValue) return false;
        position = new Position((int)shard, (int)epoch, offset);
        return true;
    }

    /// <summary>Orders by shard, then by offset; the epoch follows from the offset.</summary>
    public int CompareTo(Position other) => Shard != other.Shard ? Shard.CompareTo(other.Shard) : Offset.CompareTo(other.Offset);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Shard}-{Epoch}-{Offset}");

    private static bool TryNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
