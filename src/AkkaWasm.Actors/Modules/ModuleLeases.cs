namespace AkkaWasm.Actors.Modules;

/// <summary>
/// Who is just about to use which content, so that no sweep takes it from under their hands: a plan or a push holds a lease from before it looks whether
/// the content is there until a topology or a name holds it. May be used by any thread.
/// </summary>
internal sealed class ModuleLeases
{
    private readonly Lock entry = new();
    private readonly Dictionary<string, int> held = new(StringComparer.Ordinal);
    private HashSet<string>? sinceSweep;

    /// <summary>Holds contents until it is disposed of.</summary>
    public Lease Take(IEnumerable<string> hashes)
    {
        string[] all = [.. hashes.Distinct(StringComparer.Ordinal)];
        lock (entry)
        {
            foreach (var hash in all)
            {
                held[hash] = held.GetValueOrDefault(hash) + 1;
                sinceSweep?.Add(hash);
            }
        }
        return new Lease(this, all);
    }

    /// <summary>Begins a sweep, before it looks at who uses what. What is leased from now on is not deleted by it. There is one at a time.</summary>
    public void Begin()
    {
        lock (entry) sinceSweep = new HashSet<string>(held.Keys, StringComparer.Ordinal);
    }

    /// <summary>Ends the sweep.</summary>
    public void End()
    {
        lock (entry) sinceSweep = null;
    }

    /// <summary>Whether somebody has or had a lease since the sweep began.</summary>
    public bool IsBusy(string hash)
    {
        lock (entry) return sinceSweep?.Contains(hash) ?? held.ContainsKey(hash);
    }

    /// <summary>Deletes content unless somebody has or had a lease since the sweep began; nobody can take one meanwhile.</summary>
    public bool TryDelete(string hash, Action delete)
    {
        lock (entry)
        {
            if (sinceSweep?.Contains(hash) ?? held.ContainsKey(hash)) return false;
            delete();
            return true;
        }
    }

    private void Release(string[] hashes)
    {
        lock (entry)
        {
            foreach (var hash in hashes)
                if (held[hash] == 1) held.Remove(hash);
                else held[hash]--;
        }
    }

    /// <summary>Contents that are held.</summary>
    internal sealed class Lease(ModuleLeases leases, string[] hashes) : IDisposable
    {
        private int isOver;

        /// <summary>Holds them for as long as the process lives: it is not known whether they will be used.</summary>
        public void HoldOn() => isOver = 1;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0) leases.Release(hashes);
        }
    }
}
