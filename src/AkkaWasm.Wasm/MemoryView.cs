using System.Diagnostics.CodeAnalysis;

namespace AkkaWasm.Wasm;

/// <summary>
/// A linear memory of an instance. Offsets are 64 bits wide for every memory and are checked. The view follows the memory as it grows; a span
/// taken from it is valid only until the guest runs again, or the instance is restored or disposed.
/// </summary>
public readonly unsafe struct MemoryView
{
    private readonly WasmInstance _instance;
    private readonly int _index;

    internal MemoryView(WasmInstance instance, int index)
    {
        _instance = instance;
        _index = index;
    }

    /// <summary>The memory's size in bytes.</summary>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public ulong Length => _instance.MemoryLength(_index);

    /// <summary>Whether addresses are 64 bits wide.</summary>
    public bool Is64 => _instance.Module.Description.Memories[_index].Is64;

    /// <summary>The bytes from <paramref name="offset"/> on, if the memory has that many there.</summary>
    /// <param name="offset">The first byte's address.</param>
    /// <param name="length">How many bytes; not negative.</param>
    /// <param name="span">The bytes themselves, not a copy.</param>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public bool TryGetSpan(ulong offset, int length, out Span<byte> span)
    {
        var size = Length;
        if (length < 0 || offset > size || (ulong)length > size - offset)
        {
            span = default;
            return false;
        }
        span = new Span<byte>(_instance.OpenMemory(_index) + offset, length);
        return true;
    }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The memory does not have that many there.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public Span<byte> GetSpan(ulong offset, int length)
    {
        if (!TryGetSpan(offset, length, out var span)) Throw(offset, length);
        return span;
    }

    /// <summary>Copies bytes of the memory out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The memory does not have that many there.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public void Read(ulong offset, Span<byte> destination) => GetSpan(offset, destination.Length).CopyTo(destination);

    /// <summary>Copies bytes into the memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The memory does not have that much room there.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public void Write(ulong offset, ReadOnlySpan<byte> source) => source.CopyTo(GetSpan(offset, source.Length));

    [DoesNotReturn]
    private void Throw(ulong offset, int length) => throw new ArgumentOutOfRangeException(
        nameof(offset), $"{length} bytes at {offset} do not lie within memory {_index}, which has {Length} bytes.");
}
