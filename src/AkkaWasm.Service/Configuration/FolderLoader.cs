using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Service.Configuration;

/// <summary>Packs the folders that agents name, so that the log's data folder can keep them by content.</summary>
internal sealed class FolderLoader
{
    private readonly Dictionary<string, WasiFolder> read = new(StringComparer.Ordinal);

    /// <summary>All folders by their content hashes.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Packed { get; } = new(StringComparer.Ordinal);

    /// <summary>The agent's definition with the hashes of its folders.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="problems">Takes what is wrong with folders.</param>
    public AgentDefinition Load(ConfiguredAgent agent, List<string> problems)
    {
        var preopens = ImmutableArray.CreateBuilder<WasiPreopen>();
        foreach (var folder in agent.Folders)
            if (PinnedReference.Find(folder.Written) is { } pinned) preopens.Add(new WasiPreopen(folder.Path, pinned.Hash, pinned.Name));
            else if (TryPack(agent, folder, problems) is { } packed) preopens.Add(new WasiPreopen(folder.Path, packed.ContentHash, folder.Written));
        return agent.Definition with { Wasi = agent.Definition.Wasi with { Preopens = preopens.DrainToImmutable() } };
    }

    private WasiFolder? TryPack(ConfiguredAgent agent, FolderReference folder, List<string> problems)
    {
        try
        {
            if (!read.TryGetValue(folder.Folder, out var packed)) read[folder.Folder] = packed = WasiFolder.Pack(folder.Folder, folder.MaxBytes);
            Packed[packed.ContentHash] = packed.Packed;
            return packed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"the folder '{folder.Written}' of the agent '{agent.Definition.Name}', named at {folder.Origin}, cannot be used: {Cli.ErrorReport.AsClause(e.Message)}");
            return null;
        }
    }
}
