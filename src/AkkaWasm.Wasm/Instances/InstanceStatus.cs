namespace AkkaWasm.Wasm.Instances;

/// <summary>Why a store takes no calls.</summary>
[Flags]
internal enum InstanceFlags
{
    /// <summary>It takes calls.</summary>
    None = 0,

    /// <summary>A call or a restore has failed half-way.</summary>
    Faulted = 1,

    /// <summary>The host could not serve a growth that the guest's limits allow; what the guest does afterwards does not count.</summary>
    HostOutOfMemory = 2,

    /// <summary>Its store is given back.</summary>
    Disposed = 4,
}

/// <summary>
/// A store's flags, apart from the store: its memories report to it without keeping the store alive, and one look at it before and after
/// each call says all.
/// </summary>
internal sealed class InstanceStatus
{
    public InstanceFlags Flags { get; private set; }

    /// <summary>Which of the memories is the GC heap, and how far each may grow.</summary>
    public StoreMemories Memories { get; } = new();

    public bool Has(InstanceFlags flag) => (Flags & flag) != 0;

    public void Set(InstanceFlags flag) => Flags |= flag;
}
