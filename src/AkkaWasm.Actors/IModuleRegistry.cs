using System.Collections.Immutable;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors;

/// <summary>
/// The modules of a data folder: content by its SHA-256, names and versions for it, signatures. A version that was pushed names that content for ever.
/// All members may be called by any thread.
/// </summary>
public interface IModuleRegistry
{
    /// <summary>Keys and limits.</summary>
    ModuleOptions Options { get; }

    /// <summary>Keeps a module, and gives it a name, if it can be an agent and is signed as is required.</summary>
    Task<ModulePushed> PushAsync(ModulePush push, CancellationToken cancellation = default);

    /// <summary>What is kept, and named versions whose content was collected: named ones first, by name and version, then by hash.</summary>
    /// <param name="withLog">Whether to say which topologies of the log use it, for which the log is gone through.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MeshNodeException">The file of names is damaged, or the log cannot be read.</exception>
    Task<IReadOnlyList<ModuleInfo>> ListAsync(bool withLog, CancellationToken cancellation = default);

    /// <summary>One module with all that is known of it, its parts too, or null if there is none.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="withLog">Whether to say which topologies of the log use it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MeshNodeException">The file of names is damaged, or the log cannot be read.</exception>
    Task<ModuleInfo?> FindAsync(ModuleReference reference, bool withLog, CancellationToken cancellation = default);

    /// <summary>The version that a reference means now and its content, or null if there is none.</summary>
    /// <exception cref="MeshNodeException">The file of names is damaged.</exception>
    ResolvedModule? Resolve(ModuleReference reference);

    /// <summary>The bytes of a module, or null if it is not kept.</summary>
    /// <exception cref="MeshNodeException">It was changed where it is kept.</exception>
    ReadOnlyMemory<byte>? Read(string hash);

    /// <summary>Keeps signatures of a module that is kept.</summary>
    /// <param name="hash">SHA-256 of its bytes.</param>
    /// <param name="signatures">Base64, one a line.</param>
    /// <returns>Names of the trusted keys whose signatures it has now.</returns>
    /// <exception cref="MeshNodeException">It is not kept, or a line is no signature.</exception>
    ImmutableArray<string> AddSignatures(string hash, string signatures);

    /// <summary>Reads all that is kept and compares it with its hash, its signatures and those who need it.</summary>
    /// <param name="only">What alone is looked at, or null for everything.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<ModuleVerification> VerifyAsync(ModuleReference? only = null, CancellationToken cancellation = default);

    /// <summary>Deletes what no topology of the log uses and nothing names. Can be ended at any moment and begun again.</summary>
    /// <exception cref="MeshNodeException">The file of names is damaged, or the log cannot be read; nothing was deleted.</exception>
    Task<ModuleCollection> CollectAsync(CollectOptions options, CancellationToken cancellation = default);
}

/// <summary>A module that is to be kept.</summary>
/// <param name="Bytes">Its bytes, binary or text form.</param>
/// <param name="Origin">Where it comes from, for people.</param>
public sealed record ModulePush(ReadOnlyMemory<byte> Bytes, string Origin)
{
    /// <summary>Its name; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>Its version; needed with a name.</summary>
    public string? Version { get; init; }

    /// <summary>Signatures, base64, one a line; null for none.</summary>
    public string? Signatures { get; init; }
}

/// <summary>What became of a push.</summary>
public enum PushOutcome
{
    /// <summary>It is kept, and named if that was wanted.</summary>
    Pushed,

    /// <summary>It was there already, under that name if one was wanted.</summary>
    Unchanged,

    /// <summary>The version names other content.</summary>
    Conflict,

    /// <summary>It cannot be an agent, is too large, or is not signed.</summary>
    Refused,
}

/// <summary>The answer to a push.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Hash">SHA-256 of the bytes.</param>
/// <param name="SignedBy">Names of the trusted keys that signed it.</param>
/// <param name="Problem">What is wrong, one sentence, or null.</param>
public sealed record ModulePushed(PushOutcome Outcome, string Hash, ImmutableArray<string> SignedBy, string? Problem = null);

/// <summary>What a reference means.</summary>
/// <param name="Name">The name with its version, as <c>histogram@1.2.0</c>; or the hash.</param>
/// <param name="Hash">SHA-256 of the content.</param>
public sealed record ResolvedModule(string Name, string Hash);

/// <summary>A version of a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Version">The version.</param>
/// <param name="PushedAt">When it was pushed.</param>
/// <param name="Origin">Where it came from.</param>
public sealed record ModuleName(string Name, string Version, DateTimeOffset PushedAt, string Origin);

/// <summary>A topology of the log that uses content.</summary>
/// <param name="Position">Where it came into force, or where the log begins.</param>
/// <param name="Agents">Which of its agents.</param>
public sealed record ModuleUse(string Position, ImmutableArray<string> Agents);

/// <summary>What is known of content.</summary>
/// <param name="Hash">SHA-256 of its bytes.</param>
/// <param name="Bytes">Its size, bytes.</param>
public sealed record ModuleInfo(string Hash, long Bytes)
{
    /// <summary>Whether it is the packed content of a folder that agents read, and no module.</summary>
    public bool IsFolder { get; init; }

    /// <summary>Whether the content is there; it is not when it was collected and only its versions are remembered.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>When it came, or was last asked for; null where it is not kept.</summary>
    public DateTimeOffset? KeptAt { get; init; }

    /// <summary>Its names, oldest version first.</summary>
    public ImmutableArray<ModuleName> Names { get; init; } = [];

    /// <summary>How many signatures are kept with it.</summary>
    public int Signatures { get; init; }

    /// <summary>Names of the trusted keys that signed it.</summary>
    public ImmutableArray<string> SignedBy { get; init; } = [];

    /// <summary>Agents of the topology in force that use it.</summary>
    public ImmutableArray<string> Agents { get; init; } = [];

    /// <summary>Topologies of the log that use it; null where that was not asked for.</summary>
    public ImmutableArray<ModuleUse>? Topologies { get; init; }

    /// <summary>
    /// Of what it says that it was composed, in the order in which the parts are instantiated; empty where it is no composition, and where many were asked for together.
    /// </summary>
    public ImmutableArray<ModulePartDescription> Parts { get; init; } = [];
}

/// <summary>What is wrong with what is kept.</summary>
public enum ModuleFlaw
{
    /// <summary>The bytes are not those of the hash.</summary>
    Damaged,

    /// <summary>Something needs content that is not there.</summary>
    Missing,

    /// <summary>A signature is required, and no trusted key's is there.</summary>
    Unsigned,

    /// <summary>Signatures are there, and none is of a trusted key for this content.</summary>
    Untrusted,

    /// <summary>The file of names is damaged.</summary>
    Names,
}

/// <summary>Something that is wrong.</summary>
/// <param name="Flaw">What kind.</param>
/// <param name="Hash">Which content; null for the file of names.</param>
/// <param name="Message">One sentence: what, where, what to do.</param>
public sealed record ModuleFinding(ModuleFlaw Flaw, string? Hash, string Message);

/// <summary>The result of a verification.</summary>
/// <param name="Contents">How many contents were read.</param>
/// <param name="Bytes">How many bytes.</param>
/// <param name="Findings">What is wrong; empty if nothing is.</param>
public sealed record ModuleVerification(int Contents, long Bytes, IReadOnlyList<ModuleFinding> Findings);

/// <summary>What is to be collected.</summary>
public sealed record CollectOptions
{
    /// <summary>Whether it is only said what would go.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether named content goes too that no topology uses. Its versions are remembered, so that they never name other content.</summary>
    public bool Named { get; init; }

    /// <summary>Only content that came, or was last asked for, longer ago than this; the grace time counts in any case.</summary>
    public TimeSpan? OlderThan { get; init; }
}

/// <summary>What was collected, or would be.</summary>
/// <param name="Removed">What went.</param>
/// <param name="Bytes">Its size, bytes.</param>
/// <param name="Used">How many contents topologies of the log use.</param>
/// <param name="Named">How many others are kept for their names.</param>
/// <param name="Young">How many others are too young.</param>
/// <param name="Busy">How many others somebody is just about to use.</param>
/// <param name="Leftovers">Unfinished files that went.</param>
public sealed record ModuleCollection(IReadOnlyList<ModuleInfo> Removed, long Bytes, int Used, int Named, int Young, int Busy, int Leftovers);
