using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>A folder that an agent names, before it is read.</summary>
/// <param name="Path">Where the program finds it.</param>
/// <param name="Folder">Its full path on the machine.</param>
/// <param name="Written">As it is written.</param>
/// <param name="MaxBytes">The most bytes that its files may have together.</param>
/// <param name="Origin">Where.</param>
internal sealed record FolderReference(string Path, string Folder, string Written, long MaxBytes, HoconOrigin Origin);

/// <summary>Reads what an agent says about programs.</summary>
internal static class WasiSection
{
    private const string Log = "log";

    public static AgentKind ReadKind(HoconCursor? kind) => kind?.Choice(
        ("mesh", AgentKind.Mesh), ("wasi-command", AgentKind.WasiCommand), ("wasi-reactor", AgentKind.WasiReactor)) ?? AgentKind.Inspected;

    /// <summary>The folders of the definition have no hashes before they are read.</summary>
    public static WasiDefinition Read(HoconCursor section, ImmutableArray<FolderReference> folders) => new()
    {
        Arguments = [.. section.At("args").AsListOf(item => item.AsString())],
        Environment = [.. section.At("env").Entries().Select(variable => new WasiVariable(variable.Key, variable.Value.AsString()))],
        InputLoops = section.At("stdin").Choice(("event", false), ("loop", true)),
        OutputTopic = section.At("stdout").AsString() is var topic && topic != Log ? topic : null,
        Preopens = [.. folders.Select(folder => new WasiPreopen(folder.Path, "", folder.Written))],
        Limits = ReadLimits(section.At("limits")),
    };

    public static ImmutableArray<FolderReference> ReadFolders(HoconCursor section, ConfigurationTree tree)
    {
        var maxBytes = section.At("limits.preopened-bytes").Size(0);
        return [.. section.At("preopens").Entries().Select(entry => new FolderReference(entry.Key, tree.FullPath(entry.Value), entry.Value.AsString(), maxBytes, entry.Value.Origin))];
    }

    private static WasiProgramLimits ReadLimits(HoconCursor section) => new()
    {
        FileBytes = section.At("file-bytes").Size(0),
        Nodes = section.At("nodes").Count(),
        OpenDescriptors = section.At("open-descriptors").Count(),
        PathBytes = section.At("path-bytes").SmallSize(1),
        PathDepth = section.At("path-depth").Count(),
        LineBytes = section.At("line-bytes").SmallSize(1),
        WrittenBytesPerTurn = section.At("written-bytes-per-turn").Size(0),
    };
}
