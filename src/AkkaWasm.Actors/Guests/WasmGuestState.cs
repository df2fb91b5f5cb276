using AkkaWasm.Mesh;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>The captured state of a guest: a snapshot of its instance, the pages of which are its parts, and its world if it has one.</summary>
/// <param name="snapshot">The snapshot.</param>
/// <param name="world">The world, whole with every state; null where there is none.</param>
/// <param name="unwoundStack">Address of the unwound stack of a program that waits for input; 0 otherwise.</param>
internal sealed class WasmGuestState(WasmSnapshot snapshot, ReadOnlyMemory<byte>? world, uint unwoundStack = 0) : GuestState
{
    public WasmSnapshot Snapshot => snapshot;

    public ReadOnlyMemory<byte>? World => world;

    public uint UnwoundStack => unwoundStack;

    public override long PartBytes => snapshot.PageBytes;

    public override IEnumerable<UInt128> PartNames => snapshot.PageHashes.Select(h => h.Value);

    public override ReadOnlyMemory<byte> ToBytes() => WithWorld(snapshot.ToBytes());

    public override ReadOnlyMemory<byte> ToManifest() => WithWorld(snapshot.ToManifest());

    public override IEnumerable<StatePart> PartsNotIn(GuestState? previous) =>
        snapshot.PagesNotIn((previous as WasmGuestState)?.Snapshot).Select(p => new StatePart(p.Hash.Value, p.Contents));

    private byte[] WithWorld(byte[] instance) => world is { } files ? new GuestImage(instance, files, unwoundStack).ToBytes() : instance;
}
