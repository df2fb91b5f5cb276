namespace AkkaWasm.Simulation;

/// <summary>The classes of faults that a simulation injects. A seed draws which of them it has; each can be left out by name.</summary>
[Flags]
internal enum Fault
{
    None = 0,

    /// <summary>The process dies at any step; what it had written stays, synced or not.</summary>
    Kill = 1,

    /// <summary>The machine dies: of what was not synced any prefix of bytes stays, so that the last row may be torn.</summary>
    PowerLoss = 1 << 1,

    /// <summary>A write to the journal ends in the middle of a row with an error.</summary>
    ShortWrite = 1 << 2,

    /// <summary>A sync fails; nobody knows what of the rows since the last one is safe.</summary>
    FailingSync = 1 << 3,

    /// <summary>The connection is lost after the row was committed and before the answer came.</summary>
    LostConnection = 1 << 4,

    /// <summary>For a while nothing can be written.</summary>
    FullDisk = 1 << 5,

    /// <summary>For a while no write ends.</summary>
    SlowDisk = 1 << 6,

    /// <summary>A bit of a committed row flips.</summary>
    LogDamage = 1 << 7,

    /// <summary>The last committed rows are gone, as from an older copy of the file.</summary>
    LostTail = 1 << 8,

    /// <summary>A bit of an agent's saved image flips.</summary>
    ImageDamage = 1 << 9,

    /// <summary>A bit of the shard's saved state flips.</summary>
    StateDamage = 1 << 10,

    /// <summary>An image, or a state of the shard, is not saved.</summary>
    LostSnapshot = 1 << 11,

    /// <summary>What publishers send comes late, twice, in another order or not at all; acknowledgements are lost.</summary>
    Network = 1 << 12,

    /// <summary>An id is used again for another content.</summary>
    Conflict = 1 << 13,

    /// <summary>The clock jumps, forth and back.</summary>
    ClockJump = 1 << 14,

    /// <summary>An agent does nothing for a while.</summary>
    StalledAgent = 1 << 15,

    /// <summary>Turns fail because the host was slow, and guests cannot be made because the host had no room or no module.</summary>
    HostFault = 1 << 16,

    /// <summary>Guests trap.</summary>
    Trap = 1 << 17,

    All = (1 << 18) - 1,
}
