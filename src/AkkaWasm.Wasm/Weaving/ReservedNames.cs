namespace AkkaWasm.Wasm.Weaving;

/// <summary>The names of the woven exports.</summary>
internal static class ReservedNames
{
    public const string Start = ModuleDescription.ReservedExportPrefix + "start";

    public const string ApplySegments = ModuleDescription.ReservedExportPrefix + "init";

    private static readonly Dictionary<ExternalKind, string> Kinds = new()
    {
        [ExternalKind.Function] = "func", [ExternalKind.Table] = "table", [ExternalKind.Memory] = "memory",
        [ExternalKind.Global] = "global", [ExternalKind.Tag] = "tag",
    };

    public static string Item(ExternalKind kind, int index) => $"{ModuleDescription.ReservedExportPrefix}{Kinds[kind]}.{index}";

    public static string Probe(string segment, int index) => $"{ModuleDescription.ReservedExportPrefix}{segment}.{index}.probe";

    public static string Drop(string segment, int index) => $"{ModuleDescription.ReservedExportPrefix}{segment}.{index}.drop";

    public static string Load(int elementSegment) => $"{ModuleDescription.ReservedExportPrefix}elem.{elementSegment}.load";

    public static string PrivateTable(int index) => $"{ModuleDescription.ReservedExportPrefix}loaded.{index}";
}
