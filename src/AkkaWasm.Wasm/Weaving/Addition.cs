namespace AkkaWasm.Wasm.Weaving;

/// <summary>Items to put behind those that a section has already, or into a section that the module lacks.</summary>
internal sealed class Addition
{
    public int Count { get; private set; }

    public BinaryBuffer Items { get; } = new();

    /// <summary>A section that is a count and nothing else.</summary>
    public static Addition Counting(int count) => new() { Count = count };

    /// <summary>Counts one more item and gives the place to write it.</summary>
    public BinaryBuffer Add()
    {
        Count++;
        return Items;
    }

    /// <summary>Writes the section's content: the old items, if any, and the added ones under a new count.</summary>
    public void Append(BinaryBuffer woven, byte id, ReadOnlySpan<byte> content)
    {
        var (count, length) = content.IsEmpty ? (0u, 0) : ReadCount(content);
        var merged = new BinaryBuffer(content.Length + Items.Length + 8)
            .U32(count + (uint)Count).Bytes(content[length..]).Bytes(Items.Written.Span);
        woven.Section(id, merged.Written.Span);
    }

    /// <summary>The count at the head of a section that the reader has accepted.</summary>
    private static (uint Count, int Length) ReadCount(ReadOnlySpan<byte> content)
    {
        uint count = 0;
        for (var i = 0; ; i++)
        {
            count |= (uint)(content[i] & 0x7f) << (7 * i);
            if (content[i] < 0x80) return (count, i + 1);
        }
    }
}
