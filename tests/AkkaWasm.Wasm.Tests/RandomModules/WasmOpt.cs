using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>
/// Binaryen's <c>wasm-opt</c>, which turns random bytes into a valid module. It is the file that <c>AKKAWASM_WASM_OPT</c> names, or that of
/// the folder <c>scripts/toolchain</c>, or the one on the path. Another version makes other modules of the same seed.
/// </summary>
internal static class WasmOpt
{
    private const string Variable = "AKKAWASM_WASM_OPT";
    private const int LeastBytes = 500;
    private const int MoreBytes = 3_500;

    /// <summary>All features but those that are no part of WebAssembly 3.0.</summary>
    private static readonly string[] Features =
    [
        "-all", "--disable-threads", "--disable-strings", "--disable-stack-switching", "--disable-shared-everything", "--disable-fp16",
        "--disable-custom-descriptors", "--disable-acquire-release-atomics", "--disable-custom-page-sizes", "--disable-wide-arithmetic",
        "--disable-compact-imports", "--disable-relaxed-atomics", "--disable-multibyte",
    ];

    /// <summary>The file, or null if there is none.</summary>
    public static string? File { get; } = Find();

    public const string HowToGet = $"there is no wasm-opt: run scripts/toolchain/install.sh, or name the file in {Variable}";

    /// <summary>The module of a seed.</summary>
    /// <exception cref="InvalidOperationException">There is no wasm-opt, or it fails.</exception>
    public static byte[] Generate(ulong seed)
    {
        var random = new SplitMix(seed);
        var bytes = new byte[LeastBytes + random.Below(MoreBytes)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, seed);
        var folder = Directory.CreateTempSubdirectory("akkawasm-random-");
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "in"), Path.Combine(folder.FullName, "out.wasm"));
            System.IO.File.WriteAllBytes(input, bytes);
            Run(["--translate-to-fuzz", input, "--translate-to-exnref", "-o", output, .. Features]);
            return System.IO.File.ReadAllBytes(output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Run(string[] arguments)
    {
        var start = new ProcessStartInfo(File ?? throw new InvalidOperationException(HowToGet), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"wasm-opt ended with exit code {process.ExitCode}: {errors}{output.Result}"));
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return named;
        var installed = Path.Combine(SharedData.RepositoryRoot(), "scripts", "toolchain", "node_modules", "binaryen", "bin");
        string[] folders = [installed, .. Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? []];
        return folders.Select(folder => Path.Combine(folder, "wasm-opt")).FirstOrDefault(System.IO.File.Exists);
    }
}

/// <summary>A test that needs <c>wasm-opt</c>: skipped where it is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WasmOptFactAttribute : FactAttribute
{
    public WasmOptFactAttribute()
    {
        if (WasmOpt.File is null && Environment.GetEnvironmentVariable("CI") != "true") Skip = WasmOpt.HowToGet;
    }
}
