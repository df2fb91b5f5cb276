namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Which seeds are run: first those that once failed, then as many as asked for from the first seed on.</summary>
internal static class Seeds
{
    /// <summary>Seeds of our generator that once failed.</summary>
    public static readonly ulong[] Kept = [];

    /// <summary>Seeds of Binaryen's (132) that once failed.</summary>
    public static readonly ulong[] KeptFuzzed = [];

    /// <summary>The seed of a number.</summary>
    public static ulong Of(ulong[] kept, ulong first, int number) => number < kept.Length ? kept[number] : first + (ulong)(number - kept.Length);
}
