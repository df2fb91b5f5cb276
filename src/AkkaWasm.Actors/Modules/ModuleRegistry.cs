using System.Collections.Immutable;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Modules;

/// <summary>The modules of a data folder, on a node or without one. Who has it writes alone: the node, or who holds the data folder.</summary>
/// <param name="store">The contents.</param>
/// <param name="options">Keys and limits.</param>
/// <param name="check">Throws <see cref="ModuleRefusedException"/> if a module cannot be an agent.</param>
/// <param name="log">Where the log is; null where there is none yet.</param>
internal sealed partial class ModuleRegistry(ModuleStore store, ModuleOptions options, Action<byte[], string> check, Func<LogStores?> log) : IModuleRegistry
{
    /// <summary>Longest text that says where a module comes from, characters.</summary>
    private const int MaxOrigin = 500;

    private readonly NameFile file = new(Path.Combine(store.Folder, NameFile.FileName));
    private readonly Lock naming = new();
    private readonly SemaphoreSlim sweeping = new(1);
    private ModuleNames? names;
    private Func<CancellationToken, Task<MeshTopology?>>? running;

    /// <inheritdoc/>
    public ModuleOptions Options => options;

    private ModuleTrust Trust => store.Trust!;

    /// <summary>The same, told what topology is in force by a node.</summary>
    public ModuleRegistry Of(Func<CancellationToken, Task<MeshTopology?>> node)
    {
        running = node;
        return this;
    }

    /// <inheritdoc/>
    public Task<ModulePushed> PushAsync(ModulePush push, CancellationToken cancellation = default) => Task.Run(() => Push(push), cancellation);

    /// <inheritdoc/>
    public ResolvedModule? Resolve(ModuleReference reference)
    {
        if (reference.Hash is { } hash) return store.HasModule(hash) ? new ResolvedModule(hash, hash) : null;
        lock (naming) return Names().Resolve(reference) is { Name: { } name } found ? new ResolvedModule($"{name.Name}@{name.Version}", found.Hash) : null;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Read(string hash)
    {
        if (store.TryRead(hash) is not { } bytes) return null;
        return ModuleStore.HashOf(bytes) == hash ? bytes : throw new MeshNodeException(NodeFailure.ModuleRefused, DamageOf(hash, bytes, isFolder: false));
    }

    /// <inheritdoc/>
    public ImmutableArray<string> AddSignatures(string hash, string signatures)
    {
        if (!store.HasModule(hash)) throw new MeshNodeException(NodeFailure.ModuleRefused, $"There is no module {hash} in '{store.Folder}'; push it first.");
        store.AddSignatures(hash, signatures);
        return Trust.SignersOf(hash, store.SignaturesOf(hash));
    }

    private ModulePushed Push(ModulePush push)
    {
        var hash = ModuleStore.HashOf(push.Bytes.Span);
        if (ProblemOf(push) is { } problem) return new ModulePushed(PushOutcome.Refused, hash, [], problem);
        string[] given = push.Signatures is { } signatures ? ModuleSignature.Lines(signatures) : [];
        using var lease = store.Leases.Take([hash]);
        string[] all = [.. store.SignaturesOf(hash), .. given];
        if (Trust.ProblemOf(hash, all) is { } untrusted) return new ModulePushed(PushOutcome.Refused, hash, [], $"The module from {push.Origin} (SHA-256 {hash}) {untrusted}.");
        try
        {
            check(push.Bytes.ToArray(), Path.GetFileName(push.Origin));
        }
        catch (ModuleRefusedException e)
        {
            return new ModulePushed(PushOutcome.Refused, hash, [], $"The module from {push.Origin} is refused: {e.Message}");
        }
        lock (naming) return Keep(push, hash, given);
    }

    private ModulePushed Keep(ModulePush push, string hash, string[] signatures)
    {
        var known = push.Name is null ? null : Names().Find(push.Name, push.Version!);
        if (known is not null && known.Hash != hash)
        {
            return new ModulePushed(PushOutcome.Conflict, hash, [],
                $"{push.Name}@{push.Version} names the content {known.Hash} since {known.Name!.PushedAt:O}, and what was to be pushed is {hash}; a version never names other content, so push it under another one.");
        }
        if (push.Name is not null && known is null && Names().Count >= options.MaxNames)
            return new ModulePushed(PushOutcome.Refused, hash, [], $"There are {options.MaxNames} versions with names already, as many as may be (modules.max-names); push it without a name, or raise the limit.");
        var before = (store.HasModule(hash), store.SignaturesOf(hash).Length, known is not null && !Names().IsCollected(hash));
        store.Put(hash, push.Bytes.Span);
        if (signatures.Length > 0) store.AddSignatures(hash, string.Join('\n', signatures));
        if (push.Name is not null && !before.Item3) Append([new NameEntry(hash, new ModuleName(push.Name, push.Version!, store.Time.GetUtcNow(), Cut(push.Origin))) { Bytes = push.Bytes.Length }]);
        var now = store.SignaturesOf(hash);
        var isNew = !before.Item1 || before.Item2 != now.Length || (push.Name is not null && !before.Item3);
        return new ModulePushed(isNew ? PushOutcome.Pushed : PushOutcome.Unchanged, hash, Trust.SignersOf(hash, now));
    }

    private string? ProblemOf(ModulePush push)
    {
        if (push.Bytes.Length > options.MaxBytes) return $"The module from {push.Origin} has {push.Bytes.Length} bytes, more than {options.MaxBytes} (modules.max-bytes); strip it or raise the limit.";
        if (push.Name is null) return push.Version is null ? null : $"There is a version ({push.Version}) but no name; say both, or neither.";
        return push.Version is null ? $"The name '{push.Name}' needs a version; say one, as 1.0.0." : ModuleReference.ProblemOf(push.Name, push.Version);
    }

    /// <summary>The names as they are; to be called with <see cref="naming"/> held.</summary>
    private ModuleNames Names() => names ??= new ModuleNames(file.Read());

    /// <summary>Says it first where it lasts; to be called with <see cref="naming"/> held.</summary>
    private void Append(IReadOnlyCollection<NameEntry> entries)
    {
        var known = Names();
        file.Append(entries);
        foreach (var entry in entries) known.Add(entry);
    }

    private static string Cut(string origin) => origin.Length <= MaxOrigin ? origin : origin[..(MaxOrigin - 1)] + "…";

    private string DamageOf(string hash, byte[] bytes, bool isFolder) =>
        $"The {(isFolder ? "folder" : "module")} {hash} in '{Path.Combine(store.Folder, hash + (isFolder ? ".folder" : ".wasm"))}' was changed: its SHA-256 is {ModuleStore.HashOf(bytes)}; "
        + (isFolder ? "put that file back from a copy." : "push it again, or put that file back from a copy.");
}
