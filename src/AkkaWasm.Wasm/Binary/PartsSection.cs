using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// The custom section in which a composed module says what it was made of: a version, then for each part its name, the SHA-256 of its bytes and whether it
/// is the main part. It is not part of the module's meaning, so one that cannot be read is left aside.
/// </summary>
internal static class PartsSection
{
    public const string Name = "akkawasm.parts";

    private const byte Version = 1;
    private const int HashBytes = 32;
    private const int MaxParts = 1_000;

    /// <summary>Reads the section; the cursor is a copy, so nothing that fails here moves the caller's.</summary>
    public static IReadOnlyList<ModulePartDescription> Read(BinaryCursor c)
    {
        try
        {
            if (c.Byte() != Version) return [];
            var parts = new ModulePartDescription[c.Count("parts", MaxParts, nameof(MaxParts))];
            for (var i = 0; i < parts.Length; i++)
            {
                var name = c.Name("a part's name");
                var hash = Convert.ToHexStringLower(c.Bytes(HashBytes));
                parts[i] = new ModulePartDescription(name, hash, c.Byte() == 1);
            }
            return parts;
        }
        catch (ModuleRefusedException)
        {
            return [];
        }
    }

    public static BinaryBuffer Write(IReadOnlyList<ModulePartDescription> parts)
    {
        var section = new BinaryBuffer().Name(Name).Byte(Version).U32((uint)parts.Count);
        foreach (var part in parts) section.Name(part.Name).Bytes(Convert.FromHexString(part.ContentHash)).Byte(part.IsMain ? (byte)1 : (byte)0);
        return section;
    }
}
