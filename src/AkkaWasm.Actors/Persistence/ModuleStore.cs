using System.Security.Cryptography;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Modules and preopened folders by the SHA-256 of their bytes, in files of the data folder, so that a replay needs nothing but that folder.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="beside">Modules and packed folders that are not in it, by their hashes; none if null.</param>
internal sealed partial class ModuleStore(string folder, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? beside = null)
{
    private const string ModuleEnding = ".wasm";
    private const string FolderEnding = ".folder";

    /// <summary>Keeps the modules of a topology that are not there yet, and signatures that are given with them.</summary>
    /// <exception cref="MeshNodeException">A module was neither given nor kept, or is not the one that its hash says.</exception>
    public void Keep(MeshTopology topology, IReadOnlyDictionary<string, ModuleFile> given)
    {
        Directory.CreateDirectory(folder);
        foreach (var agent in topology.Versions)
        {
            given.TryGetValue(agent.ModuleHash, out var module);
            if (File.Exists(FileOf(agent.ModuleHash))) Touch(agent.ModuleHash);
            else Keep(agent, module);
            if (module?.Signatures is { } signatures) AddSignatures(agent.ModuleHash, signatures);
        }
    }

    private void Keep(AgentDefinition agent, ModuleFile? module)
    {
        if (module is null)
            throw new MeshNodeException(NodeFailure.ModuleRefused, $"The module of agent '{agent.Name}' ({agent.ModuleFile}, SHA-256 {agent.ModuleHash}) was not given and is not in '{folder}'.");
        if (HashOf(module.Bytes.Span) != agent.ModuleHash)
            throw new MeshNodeException(NodeFailure.ModuleRefused, $"The module '{module.File}' of agent '{agent.Name}' has SHA-256 {HashOf(module.Bytes.Span)}, not {agent.ModuleHash} as the topology says.");
        Write(FileOf(agent.ModuleHash), module.Bytes.Span);
    }

    /// <summary>Keeps the packed folders of a topology that are not there yet.</summary>
    /// <exception cref="MeshNodeException">A folder was neither given nor kept, or is not the one that its hash says.</exception>
    public void Keep(MeshTopology topology, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> given)
    {
        foreach (var agent in topology.Agents)
        {
            foreach (var preopen in agent.Wasi.Preopens)
            {
                if (File.Exists(FolderFileOf(preopen.ContentHash)))
                {
                    Touch(preopen.ContentHash, isFolder: true);
                    continue;
                }
                if (!given.TryGetValue(preopen.ContentHash, out var packed))
                    throw new MeshNodeException(NodeFailure.ModuleRefused, $"The folder '{preopen.Path}' of agent '{agent.Name}' ({preopen.Folder}, SHA-256 {preopen.ContentHash}) was not given and is not in '{folder}'.");
                if (HashOf(packed.Span) != preopen.ContentHash)
                    throw new MeshNodeException(NodeFailure.ModuleRefused, $"The folder '{preopen.Path}' of agent '{agent.Name}' has SHA-256 {HashOf(packed.Span)}, not {preopen.ContentHash} as the topology says.");
                Write(FolderFileOf(preopen.ContentHash), packed.Span);
            }
        }
    }

    /// <summary>Whether a module is kept.</summary>
    public bool HasModule(string hash) => ModuleReference.IsHash(hash) && File.Exists(FileOf(hash));

    /// <summary>Whether a packed folder is kept.</summary>
    public bool HasFolder(string hash) => ModuleReference.IsHash(hash) && File.Exists(FolderFileOf(hash));

    /// <summary>Keeps a module and says its hash.</summary>
    public string KeepModule(ReadOnlySpan<byte> module) => Keep(module, FileOf);

    /// <summary>Keeps a packed folder and says its hash.</summary>
    public string KeepFolder(ReadOnlySpan<byte> packed) => Keep(packed, FolderFileOf);

    private string Keep(ReadOnlySpan<byte> bytes, Func<string, string> fileOf)
    {
        var hash = HashOf(bytes);
        Directory.CreateDirectory(folder);
        if (File.Exists(fileOf(hash))) SetTime(fileOf(hash));
        else Write(fileOf(hash), bytes);
        return hash;
    }

    /// <summary>The content of a folder that an agent may read.</summary>
    /// <exception cref="GuestRefusedException">It is not there or was changed.</exception>
    public WasiFolder ReadFolder(AgentDefinition agent, WasiPreopen preopen)
    {
        var file = FolderFileOf(preopen.ContentHash);
        try
        {
            if (beside is not null && beside.TryGetValue(preopen.ContentHash, out var given)) return WasiFolder.FromPacked(given);
            var bytes = File.ReadAllBytes(file);
            if (HashOf(bytes) != preopen.ContentHash)
                throw new GuestRefusedException($"The folder '{preopen.Path}' of agent '{agent.Name}' in '{file}' was changed: its SHA-256 is {HashOf(bytes)}; delete that file and start with the folder '{preopen.Folder}' as it was.");
            return WasiFolder.FromPacked(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SnapshotCorruptException)
        {
            throw new GuestRefusedException($"The folder '{preopen.Path}' of agent '{agent.Name}' cannot be read from '{file}': {e.Message}", e);
        }
    }

    /// <summary>The bytes of a module.</summary>
    /// <exception cref="GuestRefusedException">It is not there, was changed, or is not signed as is required.</exception>
    public byte[] Read(AgentDefinition agent)
    {
        if (beside is not null && beside.TryGetValue(agent.ModuleHash, out var given)) return given.ToArray();
        var file = FileOf(agent.ModuleHash);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestRefusedException($"The module of agent '{agent.Name}' cannot be read from '{file}': {e.Message}", e);
        }
        if (HashOf(bytes) != agent.ModuleHash)
            throw new GuestRefusedException($"The module of agent '{agent.Name}' in '{file}' was changed: its SHA-256 is {HashOf(bytes)}; put '{agent.ModuleFile}' back there.");
        if (Trust?.ProblemOf(agent.ModuleHash, SignaturesOf(agent.ModuleHash)) is { } problem)
            throw new GuestRefusedException($"The module '{agent.ModuleFile}' of agent '{agent.Name}' (SHA-256 {agent.ModuleHash}) {problem}.");
        return bytes;
    }

    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string FolderFileOf(string hash) => Path.Combine(folder, hash + FolderEnding);

    private string FileOf(string hash) => Path.Combine(folder, hash + ModuleEnding);

    /// <summary>Written beside and renamed, so that no crash leaves half a module under its name.</summary>
    private void Write(string name, ReadOnlySpan<byte> bytes)
    {
        var temporary = $"{name}.{Environment.CurrentManagedThreadId}{Unfinished}";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(true);
        }
        SetTime(temporary);
        File.Move(temporary, name, true);
    }
}
