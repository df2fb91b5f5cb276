using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>What a descriptor stands for: a standard stream, a directory or a file.</summary>
internal sealed class WasiDescriptor : IDisposable
{
    private WasiDescriptor(WasiRights rights, WasiRights inheriting, WasiFdFlags flags) => (Rights, Inheriting, Flags) = (rights, inheriting, flags);

    public WasiStream? Stream { get; private init; }

    public WasiDirectory? Directory { get; private init; }

    public WasiFile? File { get; private init; }

    public WasiRights Rights { get; set; }

    /// <summary>Rights that what is opened through it may have.</summary>
    public WasiRights Inheriting { get; set; }

    public WasiFdFlags Flags { get; set; }

    /// <summary>Where a file is read or written next, bytes.</summary>
    public ulong Offset { get; set; }

    /// <summary>The path under which a preopened directory is known; null for everything else.</summary>
    public string? PreopenedAs { get; private init; }

    public static WasiDescriptor Of(WasiStream stream) =>
        new(stream == WasiStream.Input ? WasiRights.OfInput : WasiRights.OfOutput, WasiRights.None, WasiFdFlags.None) { Stream = stream };

    public static WasiDescriptor Of(WasiDirectory directory, WasiRights rights, WasiRights inheriting, WasiFdFlags flags, string? preopenedAs = null) =>
        new(rights, inheriting, flags) { Directory = directory, PreopenedAs = preopenedAs };

    public static WasiDescriptor Of(WasiFile file, WasiRights rights, WasiRights inheriting, WasiFdFlags flags) => new(rights, inheriting, flags) { File = file };

    public static WasiDescriptor Preopened(WasiDirectory directory, string path) =>
        Of(directory, WasiRights.OfDirectories, WasiRights.OfDirectories | WasiRights.OfFiles, WasiFdFlags.None, path);

    /// <summary>The node in memory that it keeps alive, if there is one that needs it.</summary>
    public MemoryNode? Node => (MemoryNode?)(Directory as MemoryDirectory)?.Node ?? (File as MemoryFile)?.Node;

    public void Dispose()
    {
        Directory?.Dispose();
        File?.Dispose();
    }
}
