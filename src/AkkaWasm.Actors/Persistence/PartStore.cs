using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The parts of images and of the shard's saved states, each kept once however many name it. They are written, and safe, before what names them; those that
/// nothing names are swept. Parts of what is being saved are held, and while a sweep runs also those of what was saved since it began: it may not
/// have seen them. May be called by any thread.
/// </summary>
internal sealed class PartStore(IPartTable table)
{
    /// <summary>Names that a sweep keeps in memory at a time: 128 MiB about.</summary>
    private const int NamesAtATime = 4_000_000;

    /// <summary>About how much one transaction writes, bytes: the log may be on the same disk, and a commit of it waits while so much is synced.</summary>
    private const int BytesAtATime = 1 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, int> held = [];
    private readonly Dictionary<string, WeakReference<GuestState>> written = new(StringComparer.Ordinal);
    private readonly List<UInt128[]> toRelease = [];
    private int forgetAt = 1_024;
    private bool isSweeping;

    /// <summary>Makes the parts of a state safe; they are held until the image that names them is, too.</summary>
    /// <param name="agent">Whose state; what was written for it before need not be looked for.</param>
    /// <param name="state">The state.</param>
    /// <returns>To be disposed when the image is saved, or could not be.</returns>
    public ImageHold Write(string agent, GuestState state)
    {
        UInt128[] names = [.. state.PartNames];
        var previous = Take(agent, names);
        var hold = new ImageHold(this, agent, state, names);
        try
        {
            var existing = previous is null ? table.Existing(names) : null;
            hold.BytesWritten = Write(state.PartsNotIn(previous).Where(p => existing?.Contains(p.Name) is not true));
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Makes parts of a state of the shard safe; they are held until the state that names them is, too.</summary>
    /// <param name="state">The state.</param>
    /// <param name="safe">Names of parts that are known to be there; null if nothing is known yet.</param>
    /// <returns>To be disposed when the state is saved, or could not be.</returns>
    public IDisposable Write(CapturedState state, IReadOnlySet<UInt128>? safe)
    {
        UInt128[] names = [.. state.PartNames];
        lock (gate) Hold(names);
        var hold = new Held(this, names);
        try
        {
            safe ??= table.Existing(names);
            Write(Enumerable.Range(0, names.Length).Where(i => !safe.Contains(names[i])).Select(state.Part));
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Reads the parts of an image.</summary>
    /// <returns>Finds a part by its name.</returns>
    public Func<UInt128, ReadOnlyMemory<byte>> Read(IReadOnlyList<UInt128> names)
    {
        var find = Find(names);
        return name => find(name) ?? throw new ImageCorruptException($"The part {name:x32} of the image is missing or damaged in the table {SqlPartTable.Table}.");
    }

    /// <summary>Reads parts.</summary>
    /// <returns>Finds a part by its name; null where it is missing or damaged.</returns>
    public Func<UInt128, ReadOnlyMemory<byte>?> Find(IReadOnlyList<UInt128> names)
    {
        var found = table.Read(names);
        return name => found.TryGetValue(name, out var content) ? content : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>A saved state of the shard, put together.</summary>
    /// <exception cref="LogCorruptException">It is damaged, or a part is missing.</exception>
    public ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> state) => SavedState.Whole(state, Find(SavedState.PartsOf(state.Span)));

    /// <summary>Deletes parts that nothing saved names any more, apart from those that are held.</summary>
    public void Delete(IEnumerable<UInt128> names)
    {
        foreach (var some in names.Chunk(1_024)) DeleteUnheld(some);
    }

    /// <summary>Deletes the parts that no image names.</summary>
    /// <param name="reachable">Goes through the names in all saved images; may be called several times.</param>
    /// <returns>How many parts were deleted.</returns>
    public long Sweep(Func<IEnumerable<UInt128>> reachable)
    {
        lock (gate)
        {
            if (isSweeping) return 0;
            isSweeping = true;
            written.Clear();
        }
        try
        {
            var slices = (uint)(1 + table.Size().Count / NamesAtATime);
            var slice = UInt128.MaxValue / slices;
            var deleted = 0L;
            for (var i = 0u; i < slices; i++) deleted += Sweep(reachable, slice * i + (i == 0 ? 0u : 1u), i == slices - 1 ? UInt128.MaxValue : slice * (i + 1));
            return deleted;
        }
        finally
        {
            lock (gate)
            {
                isSweeping = false;
                foreach (var names in toRelease) Release(names);
                toRelease.Clear();
            }
        }
    }

    private long Sweep(Func<IEnumerable<UInt128>> reachable, UInt128 from, UInt128 to)
    {
        var live = reachable().Where(name => name >= from && name <= to).ToHashSet();
        var deleted = 0L;
        foreach (var some in table.Names(from, to).Where(name => !live.Contains(name)).Chunk(1_024)) deleted += DeleteUnheld(some);
        return deleted;
    }

    private int DeleteUnheld(UInt128[] names)
    {
        lock (gate)
        {
            UInt128[] dead = [.. names.Where(name => !held.ContainsKey(name))];
            table.Delete(dead);
            return dead.Length;
        }
    }

    /// <summary>Some at a time, each of which is safe before the next is made.</summary>
    /// <returns>Bytes of the parts that were not there.</returns>
    private long Write(IEnumerable<StatePart> parts)
    {
        var (written, group, bytes) = (0L, new List<StatePart>(), 0);
        foreach (var part in parts)
        {
            group.Add(part);
            if ((bytes += part.Content.Length) < BytesAtATime) continue;
            written += table.Write(group);
            (group, bytes) = ([], 0);
        }
        return group.Count == 0 ? written : written + table.Write(group);
    }

    private GuestState? Take(string agent, UInt128[] names)
    {
        lock (gate)
        {
            Hold(names);
            return written.TryGetValue(agent, out var reference) && reference.TryGetTarget(out var previous) ? previous : null;
        }
    }

    private void Release(string agent, GuestState state, UInt128[] names, bool isSaved)
    {
        lock (gate)
        {
            if (isSaved && !isSweeping)
            {
                Forget();
                written[agent] = new WeakReference<GuestState>(state);
            }
            else written.Remove(agent);
            ReleaseWhenSwept(names);
        }
    }

    private void Hold(UInt128[] names)
    {
        foreach (var name in names) held[name] = held.GetValueOrDefault(name) + 1;
    }

    private void ReleaseWhenSwept(UInt128[] names)
    {
        if (isSweeping) toRelease.Add(names);
        else Release(names);
    }

    private void Release(UInt128[] names)
    {
        foreach (var name in names)
            if (--held[name] == 0) held.Remove(name);
    }

    /// <summary>States that nobody holds any more are of no use here.</summary>
    private void Forget()
    {
        if (written.Count < forgetAt) return;
        foreach (var agent in written.Where(w => !w.Value.TryGetTarget(out _)).Select(w => w.Key).ToArray()) written.Remove(agent);
        forgetAt = Math.Max(1_024, written.Count * 2);
    }

    /// <summary>Holds the parts of a state of the shard that is being saved.</summary>
    private sealed class Held(PartStore store, UInt128[] names) : IDisposable
    {
        private bool isOver;

        public void Dispose()
        {
            if (isOver) return;
            isOver = true;
            lock (store.gate) store.ReleaseWhenSwept(names);
        }
    }

    /// <summary>Holds the parts of an image that is being saved.</summary>
    internal sealed class ImageHold(PartStore store, string agent, GuestState state, UInt128[] names) : IDisposable
    {
        private bool isOver;

        /// <summary>Bytes of the parts that were not in the store before.</summary>
        public long BytesWritten { get; set; }

        /// <summary>Whether the image is safe, so that its successor need only look for what differs.</summary>
        public bool IsSaved { get; set; }

        public void Dispose()
        {
            if (isOver) return;
            isOver = true;
            store.Release(agent, state, names, IsSaved);
        }
    }
}
