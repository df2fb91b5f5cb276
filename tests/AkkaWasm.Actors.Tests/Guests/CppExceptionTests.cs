using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Guests;

/// <summary>The SDK's exceptions for C++, by a guest that throws and catches in every way that the language has.</summary>
public sealed class CppExceptionTests
{
    [Fact]
    public void Exceptions_do_what_the_language_says()
    {
        using var bench = new GuestBench(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "guests", "cpp", "exceptions.wasm")), "exceptions.wasm");
        Assert.Null(bench.Initialize());

        Assert.Null(bench.Handle("").Fault);
    }

    [Fact]
    public void They_do_so_in_a_guest_that_was_restored()
    {
        using var bench = new GuestBench(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "guests", "cpp", "exceptions.wasm")), "exceptions.wasm");
        Assert.Null(bench.Initialize());
        Assert.Null(bench.Handle("").Fault);
        var image = bench.Guest.Capture();

        Assert.NotNull(image);
        bench.Renew().Restore(image.Value);

        Assert.Null(bench.Handle("").Fault);
    }
}
