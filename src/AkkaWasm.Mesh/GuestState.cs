namespace AkkaWasm.Mesh;

/// <summary>
/// A guest's state between two turns, as it was captured. Immutable, so that it is encoded and written by another thread than the one that runs the guest:
/// whole, or as a manifest that names its parts, so that of two states that share parts the second costs only what differs.
/// </summary>
public abstract class GuestState
{
    /// <summary>The whole state, as <see cref="IGuest.Restore"/> takes it.</summary>
    /// <exception cref="NotSupportedException">It was read back as manifest and parts, which only the engine puts together.</exception>
    public abstract ReadOnlyMemory<byte> ToBytes();

    /// <summary>Bytes in its parts, all together; 0 where it has none, and is written whole.</summary>
    public virtual long PartBytes => 0;

    /// <summary>Names of its parts, each once.</summary>
    public virtual IEnumerable<UInt128> PartNames => [];

    /// <summary>The state without its parts, which it names.</summary>
    public virtual ReadOnlyMemory<byte> ToManifest() => ToBytes();

    /// <summary>The parts that another state does not have, each once, made one by one as they are asked for.</summary>
    /// <param name="previous">The other state, or null for all parts.</param>
    public virtual IEnumerable<StatePart> PartsNotIn(GuestState? previous) => [];

    /// <summary>A state that has no parts.</summary>
    public static implicit operator GuestState(ReadOnlyMemory<byte> bytes) => new WholeState(bytes);

    /// <summary>A state that has no parts, of these bytes.</summary>
    public static GuestState FromBytes(ReadOnlyMemory<byte> bytes) => new WholeState(bytes);

    private sealed class WholeState(ReadOnlyMemory<byte> bytes) : GuestState
    {
        public override ReadOnlyMemory<byte> ToBytes() => bytes;
    }
}

/// <summary>A part of a state.</summary>
/// <param name="Name">Its name, which follows from its content.</param>
/// <param name="Content">Its bytes.</param>
public readonly record struct StatePart(UInt128 Name, ReadOnlyMemory<byte> Content);

/// <summary>A state as it was written: a manifest, and parts to be found by their names.</summary>
/// <param name="manifest">What <see cref="GuestState.ToManifest"/> gave.</param>
/// <param name="parts">Finds a part by its name; throws <see cref="ImageCorruptException"/> where there is none.</param>
public sealed class StoredGuestState(ReadOnlyMemory<byte> manifest, Func<UInt128, ReadOnlyMemory<byte>> parts) : GuestState
{
    /// <summary>Finds a part by its name.</summary>
    /// <exception cref="ImageCorruptException">It is not there.</exception>
    public ReadOnlyMemory<byte> Part(UInt128 name) => parts(name);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> ToManifest() => manifest;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> ToBytes() => throw new NotSupportedException("A state that was read back in parts is put together by the engine.");
}
