using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// The modules of a store in a snapshot, little endian: 4 bytes number of instances; of each in the order of instantiation 32 hash of its module,
/// 4 number of links; of each link 4 number of the instance and 4 index of the item there.
/// </summary>
internal static class ModuleEncoding
{
    private const int HashBytes = 32;
    private const int LinkBytes = 4 + 4;
    private const int LeastBytes = HashBytes + 4;

    public static long SizeOf(IReadOnlyList<ModuleImage> modules) => 4 + modules.Sum(m => (long)LeastBytes + (m.Links.Length * LinkBytes));

    public static void Write<TSink>(ref TSink sink, IReadOnlyList<ModuleImage> modules)
        where TSink : IStateSink
    {
        StateEncoding.WriteU32(ref sink, (uint)modules.Count);
        foreach (var module in modules)
        {
            sink.Write(Convert.FromHexString(module.ContentHash));
            StateEncoding.WriteU32(ref sink, (uint)module.Links.Length);
            foreach (var link in module.Links)
            {
                StateEncoding.WriteU32(ref sink, (uint)link.Instance);
                StateEncoding.WriteU32(ref sink, (uint)link.Index);
            }
        }
    }

    public static ModuleImage[] Read(ref StateReader reader)
    {
        var modules = new ModuleImage[reader.Count(LeastBytes, "instances")];
        for (var i = 0; i < modules.Length; i++)
        {
            var hash = Convert.ToHexStringLower(reader.Bytes(HashBytes));
            var links = new ItemOrigin[reader.Count(LinkBytes, "links")];
            for (var j = 0; j < links.Length; j++) links[j] = new ItemOrigin((int)reader.U32(), (int)reader.U32());
            modules[i] = new ModuleImage(hash, links);
        }
        return modules;
    }
}
