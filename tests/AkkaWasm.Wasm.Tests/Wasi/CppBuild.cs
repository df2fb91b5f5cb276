using System.Diagnostics;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>Builds programs in C++, whose modules are too large to be kept.</summary>
internal static class CppBuild
{
    public const string Compiler = "/usr/bin/clang++-19";

    public static byte[] Build(string name)
    {
        var output = Path.Combine(Path.GetTempPath(), $"akkawasm-{Guid.NewGuid():n}.wasm");
        var source = Path.Combine(Programs.Root, "tests", "guests", "wasi", name + ".cpp");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Compiler, ["--target=wasm32-wasi", "-Os", "-std=c++20", "-fno-exceptions", "-Wall", "-Wextra", "-Werror", source, "-o", output]) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
            return File.ReadAllBytes(output);
        }
        finally
        {
            File.Delete(output);
        }
    }
}

/// <summary>A test that needs a C++ compiler and library for WASI: skipped where they are missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CppFactAttribute : FactAttribute
{
    public CppFactAttribute()
    {
        if (!(File.Exists(CppBuild.Compiler) && Directory.Exists("/usr/include/wasm32-wasi/c++")) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = "clang 19 and libc++ for WASI are not installed; on Debian: apt-get install clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32";
    }
}
