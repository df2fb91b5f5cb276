namespace AkkaWasm.Wasm.Snapshots;

/// <summary>What the kernel is asked about pages. Each way falls back to the one before it where the kernel does not serve it.</summary>
internal enum PageTracking
{
    /// <summary>Nothing: every page is looked at.</summary>
    Nothing,

    /// <summary>Which pages were ever written: the others are zeros.</summary>
    Touched,

    /// <summary>Which pages were written since they were last looked at, in memories that are large enough.</summary>
    Written,
}
