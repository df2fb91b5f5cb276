namespace AkkaWasm.Wasm;

/// <summary>How modules are composed. Immutable.</summary>
public sealed record CompositionOptions
{
    /// <summary>The name of the main part unless another is given.</summary>
    public const string DefaultMain = "main";

    /// <summary>The defaults.</summary>
    public static readonly CompositionOptions Default = new();

    /// <summary>The part whose exports the composed module has.</summary>
    public string Main { get; init; } = DefaultMain;

    /// <summary>Parts: 64 at most.</summary>
    public int MaxParts { get; init; } = 64;

    /// <summary>
    /// Modules of the host whose functions take pointers into memory 0 of the importing module. Where memory 0 of a part becomes another memory of the composed
    /// module, its imports say which; see <see cref="MemoryBinding"/>.
    /// </summary>
    public IReadOnlyList<string> PointerModules { get; init; } = ["mesh_v1", "wasi_snapshot_preview1"];

    /// <summary>Whether the exports of the other parts are exported too, as <c>PART.NAME</c>.</summary>
    public bool ExportsAllParts { get; init; }

    /// <summary>How large the parts and the composed module may be.</summary>
    public ModuleLimits ModuleLimits { get; init; } = ModuleLimits.Default;
}
