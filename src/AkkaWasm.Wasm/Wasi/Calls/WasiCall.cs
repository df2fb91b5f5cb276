using System.Buffers.Binary;
using System.Text;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>One call of a function of preview 1: its arguments, the memory they point into, and the world. Every pointer is checked.</summary>
internal readonly ref struct WasiCall(HostCall call, WasiWorld world, int memory)
{
    /// <summary>Most buffers in one scattered read or write, as in Linux.</summary>
    public const int MaxVectors = 1_024;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly HostCall _call = call;
    private readonly MemoryView _memory = call.Instance.GetMemory(memory);

    public WasiWorld World { get; } = world;

    public uint U32(int index) => (uint)_call.I32(index);

    public ulong U64(int index) => (ulong)_call.I64(index);

    public int Fd(int index) => _call.I32(index);

    public bool TrySpan(uint pointer, uint length, out Span<byte> span)
    {
        span = default;
        return length <= int.MaxValue && _memory.TryGetSpan(pointer, (int)length, out span);
    }

    /// <summary>The text that two arguments, pointer and length, describe.</summary>
    public WasiErrno Text(int index, out string text)
    {
        text = "";
        if (!TrySpan(U32(index), U32(index + 1), out var bytes)) return WasiErrno.Fault;
        try
        {
            text = Strict.GetString(bytes);
            return WasiErrno.Success;
        }
        catch (DecoderFallbackException)
        {
            return WasiErrno.IllegalSequence;
        }
    }

    public WasiErrno Write32(uint pointer, uint value)
    {
        if (!TrySpan(pointer, 4, out var span)) return WasiErrno.Fault;
        BinaryPrimitives.WriteUInt32LittleEndian(span, value);
        return WasiErrno.Success;
    }

    public WasiErrno Write64(uint pointer, ulong value)
    {
        if (!TrySpan(pointer, 8, out var span)) return WasiErrno.Fault;
        BinaryPrimitives.WriteUInt64LittleEndian(span, value);
        return WasiErrno.Success;
    }

    /// <summary>The descriptor that an argument names, if it may do that.</summary>
    public WasiErrno Descriptor(int index, WasiRights needed, out WasiDescriptor descriptor)
    {
        if (!World.Descriptors.TryGet(Fd(index), out descriptor)) return WasiErrno.BadDescriptor;
        return (descriptor.Rights & needed) == needed ? WasiErrno.Success : WasiErrno.NotCapable;
    }

    /// <summary>The buffers that two arguments, an array of pointers and lengths and its length, describe; all of them lie in the memory.</summary>
    public WasiErrno Vectors(int index, out WasiVectors vectors)
    {
        vectors = default;
        var count = U32(index + 1);
        if (count > MaxVectors) return WasiErrno.Invalid;
        if (!TrySpan(U32(index), count * 8, out var array)) return WasiErrno.Fault;
        ulong total = 0;
        for (var i = 0; i < (int)count; i++)
        {
            var (pointer, length) = WasiVectors.At(array, i);
            if (!TrySpan(pointer, length, out _)) return WasiErrno.Fault;
            total += length;
        }
        if (total > int.MaxValue) return WasiErrno.Invalid;
        vectors = new WasiVectors(array, (int)total);
        return WasiErrno.Success;
    }

    public Span<byte> Buffer(WasiVectors vectors, int index)
    {
        var (pointer, length) = WasiVectors.At(vectors.Array, index);
        return TrySpan(pointer, length, out var span) ? span : default;
    }
}

/// <summary><c>iovec_array</c> and <c>ciovec_array</c>, checked.</summary>
internal readonly ref struct WasiVectors(ReadOnlySpan<byte> array, int bytes)
{
    public ReadOnlySpan<byte> Array { get; } = array;

    /// <summary>Bytes of all buffers together.</summary>
    public int Bytes { get; } = bytes;

    public int Count => Array.Length / 8;

    public static (uint Pointer, uint Length) At(ReadOnlySpan<byte> array, int index) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(array[(index * 8)..]), BinaryPrimitives.ReadUInt32LittleEndian(array[(index * 8 + 4)..]));
}
