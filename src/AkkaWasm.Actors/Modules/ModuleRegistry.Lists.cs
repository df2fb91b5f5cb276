using System.Collections.Immutable;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Modules;

/// <content>What is kept, and what is wrong with it.</content>
internal sealed partial class ModuleRegistry
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ModuleInfo>> ListAsync(bool withLog, CancellationToken cancellation = default)
    {
        var used = withLog || running is null ? await ReadLogAsync(cancellation).ConfigureAwait(false) : null;
        var topology = await TopologyAsync(used, cancellation).ConfigureAwait(false);
        return await Task.Run(() => Infos(topology, withLog ? used : null), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<ModuleInfo?> FindAsync(ModuleReference reference, bool withLog, CancellationToken cancellation = default)
    {
        string? hash;
        lock (naming) hash = reference.Hash ?? Names().Resolve(reference)?.Hash;
        var found = hash is null ? null : (await ListAsync(withLog, cancellation).ConfigureAwait(false)).FirstOrDefault(info => info.Hash == hash);
        return found is { IsFolder: false, IsKept: true } ? found with { Parts = await Task.Run(() => PartsOf(found.Hash), cancellation).ConfigureAwait(false) } : found;
    }

    /// <summary>Of one that cannot be read nothing is known here; a verification says what is wrong with it.</summary>
    private ImmutableArray<ModulePartDescription> PartsOf(string hash)
    {
        try
        {
            return store.TryRead(hash) is { } bytes ? [.. ModuleDescription.Read(bytes, hash).Parts] : [];
        }
        catch (ModuleRefusedException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public async Task<ModuleVerification> VerifyAsync(ModuleReference? only = null, CancellationToken cancellation = default)
    {
        var used = await ReadLogAsync(cancellation).ConfigureAwait(false);
        return await Task.Run(() => Verify(only, used, cancellation), cancellation).ConfigureAwait(false);
    }

    private Task<LogModules> ReadLogAsync(CancellationToken cancellation) => Task.Run(() => LogModules.Read(log(), cancellation), cancellation);

    private async Task<MeshTopology?> TopologyAsync(LogModules? used, CancellationToken cancellation) => running is null ? used?.Last : await running(cancellation).ConfigureAwait(false);

    private ModuleInfo[] Infos(MeshTopology? topology, LogModules? used)
    {
        NameEntry[] entries;
        lock (naming) entries = [.. Names().All];
        var named = entries.ToLookup(entry => entry.Hash);
        var order = entries.Select((entry, i) => (entry.Hash, i)).DistinctBy(entry => entry.Hash).ToDictionary(entry => entry.Hash, entry => entry.i);
        var agents = topology is null ? [] : LogModules.HashesOf(topology).ToDictionary(use => use.Key, use => use.ToImmutableArray());
        var kept = store.All();
        var hashes = kept.Select(content => content.Hash).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. kept.Select(InfoOf).Concat(named.Where(n => !hashes.Contains(n.Key)).Select(n => new ModuleInfo(n.Key, n.First().Bytes) { IsKept = false }))
                .Select(info => info with
                {
                    Names = [.. named[info.Hash].Select(entry => entry.Name!)], Agents = agents.GetValueOrDefault(info.Hash, []), Topologies = used?.Of(info.Hash),
                })
                .OrderBy(info => order.GetValueOrDefault(info.Hash, int.MaxValue)).ThenBy(info => info.Hash, StringComparer.Ordinal),
        ];
    }

    private ModuleInfo InfoOf(StoredContent content)
    {
        var signatures = content.IsFolder ? [] : store.SignaturesOf(content.Hash);
        return new ModuleInfo(content.Hash, content.Bytes)
        {
            IsFolder = content.IsFolder, KeptAt = content.KeptAt, Signatures = signatures.Length, SignedBy = Trust.SignersOf(content.Hash, signatures),
        };
    }

    private ModuleVerification Verify(ModuleReference? only, LogModules used, CancellationToken cancellation)
    {
        var findings = new List<ModuleFinding>();
        var named = NamesOrFinding(findings);
        var hash = only is null ? null : only.Hash ?? named?.Resolve(only)?.Hash ?? "";
        var (count, bytes) = (0, 0L);
        foreach (var content in store.All().Where(content => hash is null || content.Hash == hash))
        {
            cancellation.ThrowIfCancellationRequested();
            count++;
            bytes += content.Bytes;
            if (FlawOf(content) is { } flaw) findings.Add(flaw);
        }
        if (hash is "" || (hash is not null && count == 0)) findings.Add(new ModuleFinding(ModuleFlaw.Missing, hash is "" ? null : hash, $"There is no module '{only}' in '{store.Folder}'; see module list."));
        if (hash is null) findings.AddRange(Missing(named, used));
        return new ModuleVerification(count, bytes, findings);
    }

    private ModuleNames? NamesOrFinding(List<ModuleFinding> findings)
    {
        try
        {
            return new ModuleNames(new NameFile(Path.Combine(store.Folder, NameFile.FileName)).Read());
        }
        catch (MeshNodeException e)
        {
            findings.Add(new ModuleFinding(ModuleFlaw.Names, null, e.Message));
            return null;
        }
    }

    private ModuleFinding? FlawOf(StoredContent content)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(content.File);
        }
        catch (FileNotFoundException)
        {
            return null; // it was collected meanwhile
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ModuleFinding(ModuleFlaw.Damaged, content.Hash, $"The content {content.Hash} cannot be read from '{content.File}': {e.Message}");
        }
        if (ModuleStore.HashOf(bytes) != content.Hash) return new ModuleFinding(ModuleFlaw.Damaged, content.Hash, DamageOf(content.Hash, bytes, content.IsFolder));
        if (content.IsFolder) return null;
        var signatures = store.SignaturesOf(content.Hash);
        if (Trust.ProblemOf(content.Hash, signatures) is { } problem)
            return new ModuleFinding(signatures.Length == 0 ? ModuleFlaw.Unsigned : ModuleFlaw.Untrusted, content.Hash, $"The module {content.Hash} {problem}.");
        return Trust.HasKeys && signatures.Length > 0 && Trust.SignersOf(content.Hash, signatures).IsEmpty
            ? new ModuleFinding(ModuleFlaw.Untrusted, content.Hash, $"The module {content.Hash} has {signatures.Length} signatures, none of a trusted key for these bytes; sign it again, or add the key to modules.trusted-keys.")
            : null;
    }

    /// <summary>What a name or a topology of the log needs and is not there.</summary>
    private IEnumerable<ModuleFinding> Missing(ModuleNames? named, LogModules used)
    {
        var there = store.All().Select(content => content.Hash).ToHashSet(StringComparer.Ordinal);
        foreach (var hash in used.Hashes.Where(hash => !there.Contains(hash)).Order(StringComparer.Ordinal))
        {
            var use = used.Of(hash)[0];
            yield return new ModuleFinding(ModuleFlaw.Missing, hash, $"The content {hash}, which agent '{use.Agents[0]}' needs from position {use.Position} on, is not in '{store.Folder}'; push it again.");
        }
        foreach (var entry in (named?.All ?? []).Where(entry => !there.Contains(entry.Hash) && !named!.IsCollected(entry.Hash)))
            yield return new ModuleFinding(ModuleFlaw.Missing, entry.Hash, $"The content {entry.Hash} of {entry.Name!.Name}@{entry.Name.Version} is not in '{store.Folder}'; push it again.");
    }
}
