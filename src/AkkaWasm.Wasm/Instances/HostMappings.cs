using System.Globalization;

namespace AkkaWasm.Wasm.Instances;

/// <summary>How many mappings of its address space a process may have.</summary>
internal static class HostMappings
{
    private const string LimitFile = "/proc/sys/vm/max_map_count";

    /// <summary>The system's own limit; that of an unchanged Linux where it does not say.</summary>
    public static int Limit { get; } = Read();

    /// <summary>What memories may take of it: the rest is for .NET, its heap, threads and libraries.</summary>
    public static int Default => (int)(Limit / 4L * 3);

    private static int Read()
    {
        const int unchanged = 65_530;
        try
        {
            return OperatingSystem.IsLinux() && int.TryParse(File.ReadAllText(LimitFile), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : unchanged;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return unchanged;
        }
    }
}
