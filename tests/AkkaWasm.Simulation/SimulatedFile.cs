namespace AkkaWasm.Simulation;

/// <summary>A file as a disk keeps it: what was written is seen at once, what was synced survives the loss of power.</summary>
internal sealed class SimulatedFile
{
    private readonly List<byte> bytes = [];

    public int Length => bytes.Count;

    /// <summary>How many bytes from the beginning are safe.</summary>
    public int Synced { get; private set; }

    public void Write(ReadOnlySpan<byte> data) => bytes.AddRange(data);

    public void Sync() => Synced = Length;

    public void Truncate(int length)
    {
        bytes.RemoveRange(length, Length - length);
        Synced = Math.Min(Synced, length);
    }

    /// <summary>Of what was not synced any prefix stays.</summary>
    public void LosePower(Dice dice) => Truncate(Synced + dice.Next(Length - Synced + 1));

    public void Flip(int at, int bit) => bytes[at] ^= (byte)(1 << bit);

    public byte[] Read(int from, int count) => [.. bytes.GetRange(from, count)];
}
