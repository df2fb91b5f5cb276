using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>The kinds of things a component imports and exports.</summary>
public enum ComponentItemKind : byte
{
    /// <summary>A core module.</summary>
    CoreModule,

    /// <summary>A function of the component model.</summary>
    Function,

    /// <summary>A value.</summary>
    Value,

    /// <summary>A type, or a resource.</summary>
    Type,

    /// <summary>A component.</summary>
    Component,

    /// <summary>An instance: an interface and what it holds.</summary>
    Instance,
}

/// <summary>One import or export of a component.</summary>
/// <param name="Name">Its name, as <c>wasi:cli/run@0.2.0</c>.</param>
/// <param name="Kind">What it is.</param>
public sealed record ComponentItem(string Name, ComponentItemKind Kind);

/// <summary>
/// What a component is, as far as its own sections tell: components are recognised and not run. Immutable.
/// </summary>
public sealed record ComponentDescription
{
    /// <summary>What is served instead of components, for messages.</summary>
    public const string Remedy = "only core modules are served: build one (Rust: target wasm32-wasip1; C: clang --target=wasm32) or take the core module out of the component "
        + "(wasm-tools component unbundle)";

    /// <summary>The file the component came from, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The length of the binary in bytes.</summary>
    public required int SizeBytes { get; init; }

    /// <summary>What it imports, in file order.</summary>
    public required IReadOnlyList<ComponentItem> Imports { get; init; }

    /// <summary>What it exports, in file order.</summary>
    public required IReadOnlyList<ComponentItem> Exports { get; init; }

    /// <summary>The core modules in it, those of components within it too.</summary>
    public required int CoreModules { get; init; }

    /// <summary>The components within it, at any depth.</summary>
    public required int Components { get; init; }

    /// <summary>Reads a component, as a binary or as text in UTF-8.</summary>
    /// <param name="wasmOrWat">The file's bytes.</param>
    /// <param name="file">Where they came from, for messages.</param>
    /// <param name="limits">How large it may be; the defaults if null.</param>
    /// <returns>What it is, or null if the bytes are a core module or anything else that is no component.</returns>
    /// <exception cref="ModuleRefusedException">It is a component, or text, and damaged or past a limit.</exception>
    public static ComponentDescription? TryRead(ReadOnlyMemory<byte> wasmOrWat, string file, ModuleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        limits ??= ModuleLimits.Default;
        var wasm = WatText.IsBinary(wasmOrWat.Span) ? wasmOrWat.Span : WatText.ToBinary(wasmOrWat.Span, file, limits);
        return ComponentReader.IsComponent(wasm) ? ComponentReader.Read(wasm, file, limits) : null;
    }
}
