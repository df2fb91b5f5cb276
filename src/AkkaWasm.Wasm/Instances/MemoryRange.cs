namespace AkkaWasm.Wasm.Instances;

/// <summary>A stretch of address space that one memory has to itself. Its bytes are zero when they become accessible.</summary>
internal abstract unsafe class MemoryRange
{
    public byte* Base { get; protected init; }

    /// <summary>The bytes that can become accessible.</summary>
    public nuint Capacity { get; protected init; }

    /// <summary>Makes the first bytes accessible; more of them with each call.</summary>
    public abstract bool TryOpen(nuint length);

    /// <summary>Takes over what another range holds, which may be left without its pages. The first bytes of both are open.</summary>
    public virtual bool TryTakeContents(MemoryRange from, nuint length)
    {
        Buffer.MemoryCopy(from.Base, Base, length, length);
        return true;
    }

    /// <summary>Gives it back.</summary>
    /// <param name="opened">How many bytes may have been written.</param>
    public abstract void Release(nuint opened);

    /// <summary>Whether pages that are made from now on are huge where whole ones fit. Only advice; what shares its mapping with others leaves it.</summary>
    public virtual void PreferHugePages(bool isPreferred)
    {
    }
}
