namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Whether the state can have changed since it was last saved, restored or hashed, and what it was then. State changes by calls, by restoring, and
/// by a host that writes to a memory; what a host opens between two calls it may write to until the next one.
/// </summary>
internal sealed class LatestState
{
    private ulong _changes = 1;
    private ulong _knownAt;
    private ulong _openedAt;
    private StateHash? _hash;
    private WeakReference<WasmSnapshot>? _snapshot;

    /// <summary>The snapshot that holds the state as it is now, if there is one still in use.</summary>
    public WasmSnapshot? Snapshot => IsCurrent && _snapshot is not null && _snapshot.TryGetTarget(out var snapshot) ? snapshot : null;

    /// <summary>The hash of the state as it is now, if it is known.</summary>
    public StateHash? Hash => IsCurrent ? _hash ??= Snapshot?.ComputeHash() : null;

    private bool IsCurrent => _knownAt == _changes && _openedAt != _changes;

    /// <summary>The state can change now: a call begins, or a restore.</summary>
    public void Change() => _changes++;

    /// <summary>A memory is handed to the host between two calls.</summary>
    public void Open() => _openedAt = _changes;

    /// <summary>The state is what the snapshot holds.</summary>
    public void Is(WasmSnapshot snapshot)
    {
        if (!IsCurrent) _hash = null;
        if (_snapshot is null) _snapshot = new WeakReference<WasmSnapshot>(snapshot);
        else _snapshot.SetTarget(snapshot);
        _knownAt = _changes;
    }

    /// <summary>The state has that hash.</summary>
    public void Is(StateHash hash)
    {
        if (!IsCurrent) _snapshot = null;
        _hash = hash;
        _knownAt = _changes;
    }
}
