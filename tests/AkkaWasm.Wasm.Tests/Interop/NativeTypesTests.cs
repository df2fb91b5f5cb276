using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Interop;

public sealed class NativeTypesTests
{
    [Fact]
    public void Structures_have_the_sizes_that_the_library_compiles_in()
    {
        Assert.Equal(16, Unsafe.SizeOf<NativeVector>());
        Assert.Equal(24, Unsafe.SizeOf<NativeItem>());
        Assert.Equal(32, Unsafe.SizeOf<NativeExtern>());
        Assert.Equal(32, Unsafe.SizeOf<NativeValue>());
        Assert.Equal(16, Unsafe.SizeOf<RawValue>());
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two\n  lines\n", "two lines")]
    [InlineData("error while executing at wasm backtrace:\n    0: 0x1 - f\n\nCaused by:\n    wasm trap: x", "wasm trap: x")]
    [InlineData("failed to compile\n\nCaused by:\n    0: outer\n    1: inner", "failed to compile: inner")]
    public void The_root_cause_is_found_in_what_the_library_renders(string rendered, string cause) =>
        Assert.Equal(cause, NativeText.RootCause(rendered));

    [Fact]
    public void The_library_is_the_version_that_is_pinned() => Assert.Equal("50.0.1", WasmEngine.EngineVersion);
}
