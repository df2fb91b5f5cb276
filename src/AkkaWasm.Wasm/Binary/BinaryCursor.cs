using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Reads a binary forward and never past its end. Positions are byte offsets in the file, so that every refusal can
/// name one; <see cref="Place"/> and the item say where in the module's own terms.
/// </summary>
internal ref struct BinaryCursor(ReadOnlySpan<byte> file, string fileName, ModuleLimits limits)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _file = file;
    private int _end = file.Length;
    private string? _itemKind;
    private int _itemIndex;

    public int Position { get; private set; }

    public readonly int End => _end;

    public readonly int Remaining => _end - Position;

    public readonly bool AtEnd => Position == _end;

    public string Place { get; private set; } = "preamble";

    public readonly ModuleLimits Limits => limits;

    /// <summary>Names the section being read.</summary>
    public void Enter(string place)
    {
        Place = place;
        _itemKind = null;
    }

    /// <summary>Names the item being read; the text is only made if it is needed.</summary>
    public void At(string itemKind, int index)
    {
        _itemKind = itemKind;
        _itemIndex = index;
    }

    /// <summary>Confines reading to the next <paramref name="size"/> bytes; gives the old end for <see cref="Leave"/>.</summary>
    public int Confine(uint size, string what)
    {
        if (size > (uint)Remaining)
            Malformed($"{what} is said to have {size} bytes but only {Remaining} follow");
        var outer = _end;
        _end = Position + (int)size;
        return outer;
    }

    /// <summary>Ends what <see cref="Confine"/> began; bytes left over are an error.</summary>
    public void Leave(int outerEnd, string what)
    {
        if (!AtEnd) Malformed($"{what} ends {Remaining} bytes before its size says");
        _end = outerEnd;
    }

    public byte Byte()
    {
        if (AtEnd) Malformed("unexpected end");
        return _file[Position++];
    }

    public readonly byte Peek()
    {
        if (AtEnd) Malformed("unexpected end");
        return _file[Position];
    }

    public ReadOnlySpan<byte> Bytes(uint count)
    {
        if (count > (uint)Remaining) Malformed($"{count} bytes are announced but only {Remaining} follow");
        var bytes = _file.Slice(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    public void Skip(uint count) => Bytes(count);

    public uint U32() => (uint)Unsigned(32);

    public ulong U64() => Unsigned(64);

    public int S32() => (int)Signed(32);

    public long S33() => Signed(33);

    public long S64() => Signed(64);

    /// <summary>A count of things that take a byte each at least, under a named limit: it can be trusted as a capacity.</summary>
    public int Count(string what, int limit, string limitName, int already = 0)
    {
        var count = U32();
        if (count > (uint)Math.Max(0, limit - already))
            Refuse($"{count + (ulong)already} {what} are more than the limit of {limit} ({limitName}); split the module or raise the limit");
        if (count > (uint)Remaining)
            Malformed($"{count} {what} are announced but only {Remaining} bytes follow");
        return (int)count;
    }

    /// <summary>An index that must be below <paramref name="count"/>.</summary>
    public int Index(string what, int count)
    {
        var index = U32();
        if (index >= (uint)count) Invalid($"{what} {index} does not exist (there are {count})");
        return (int)index;
    }

    public string Name(string what)
    {
        var length = U32();
        if (length > (uint)limits.MaxNameBytes)
            Refuse($"{what} of {length} bytes is longer than the limit of {limits.MaxNameBytes} ({nameof(limits.MaxNameBytes)}); shorten it");
        var start = Position;
        var bytes = Bytes(length);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Position = start;
            Malformed($"{what} is not UTF-8");
            throw;
        }
    }

    /// <summary>The bytes break the binary format.</summary>
    [DoesNotReturn]
    public readonly void Malformed(string what) => Refuse($"{what}; the file is damaged or no WebAssembly module: build or copy it again");

    /// <summary>The bytes are well-formed and break a rule of validation.</summary>
    [DoesNotReturn]
    public readonly void Invalid(string what) => Refuse($"{what}; the module is not valid: build it again with a current compiler");

    [DoesNotReturn]
    public readonly void Refuse(string reason)
    {
        var place = _itemKind is null ? Place : $"{Place}, {_itemKind} {_itemIndex}";
        throw new ModuleRefusedException(fileName, Position, place, reason);
    }

    private ulong Unsigned(int bits)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Byte();
            var left = bits - shift;
            if (left < 7 && (b & 0x7f) >> left != 0 || left <= 7 && (b & 0x80) != 0) TooLong(bits);
            value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0) return value;
        }
    }

    private long Signed(int bits)
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = Byte();
            var left = bits - shift;
            if (left <= 7)
            {
                var sign = (sbyte)(b << 1) >> left;
                if ((b & 0x80) != 0 || sign != 0 && sign != -1) TooLong(bits);
            }
            value |= (long)(b & 0x7f) << shift;
            if ((b & 0x80) != 0) continue;
            return shift + 7 < 64 ? value << (64 - shift - 7) >> (64 - shift - 7) : value;
        }
    }

    [DoesNotReturn]
    private readonly void TooLong(int bits) => Malformed($"a number is too large or too long for {bits} bits (LEB128)");
}
