using System.Security.Cryptography;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Persistence;

/// <summary>Modules by the SHA-256 of their bytes, in files of the data folder, so that a replay needs nothing but that folder.</summary>
internal sealed class ModuleStore(string folder)
{
    /// <summary>Keeps the modules of a topology that are not there yet.</summary>
    /// <exception cref="MeshNodeException">A module was neither given nor kept, or is not the one that its hash says.</exception>
    public void Keep(MeshTopology topology, IReadOnlyDictionary<string, ModuleFile> given)
    {
        Directory.CreateDirectory(folder);
        foreach (var agent in topology.Agents)
        {
            if (File.Exists(FileOf(agent.ModuleHash))) continue;
            if (!given.TryGetValue(agent.ModuleHash, out var module))
                throw new MeshNodeException(NodeFailure.ModuleRefused, $"The module of agent '{agent.Name}' ({agent.ModuleFile}, SHA-256 {agent.ModuleHash}) was not given and is not in '{folder}'.");
            if (HashOf(module.Bytes.Span) != agent.ModuleHash)
                throw new MeshNodeException(NodeFailure.ModuleRefused, $"The module '{module.File}' of agent '{agent.Name}' has SHA-256 {HashOf(module.Bytes.Span)}, not {agent.ModuleHash} as the topology says.");
            Write(agent.ModuleHash, module.Bytes.Span);
        }
    }

    /// <summary>The bytes of a module.</summary>
    /// <exception cref="GuestRefusedException">It is not there or was changed.</exception>
    public byte[] Read(AgentDefinition agent)
    {
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
        return bytes;
    }

    public static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string FileOf(string hash) => Path.Combine(folder, hash + ".wasm");

    /// <summary>Written beside and renamed, so that no crash leaves half a module under its name.</summary>
    private void Write(string hash, ReadOnlySpan<byte> bytes)
    {
        var temporary = FileOf(hash) + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(true);
        }
        File.Move(temporary, FileOf(hash), true);
    }
}
