namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class CompiledModuleCacheTests : IDisposable
{
    private const string Wat = """(module (func (export "f") (result i32) (i32.const 41)))""";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"akkawasm-cache-{Guid.NewGuid():n}");

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_second_engine_takes_the_module_from_the_cache()
    {
        Assert.Equal(0, Hits());
        Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal(1, Hits());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(50)]
    [InlineData(80)]
    [InlineData(105)]
    [InlineData(5000)]
    public void A_flipped_bit_is_noticed_and_the_module_compiled_anew(int position)
    {
        Hits();
        var file = Assert.Single(Directory.GetFiles(_folder));
        var bytes = File.ReadAllBytes(file);
        bytes[position] ^= 0x10;
        File.WriteAllBytes(file, bytes);

        Assert.Equal(0, Hits());
        Assert.Equal(1, Hits());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(112)]
    [InlineData(2000)]
    public void A_file_that_was_cut_is_noticed(int length)
    {
        Hits();
        var file = Assert.Single(Directory.GetFiles(_folder));
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        Assert.Equal(0, Hits());
    }

    [Fact]
    public void Other_options_have_other_files_and_a_foreign_file_under_the_name_is_not_used()
    {
        Hits();
        var own = Assert.Single(Directory.GetFiles(_folder));
        Assert.Equal(0, Hits(new WasmEngineOptions { ConsumeFuel = true }));
        var foreign = Directory.GetFiles(_folder).Single(f => f != own);
        File.Copy(foreign, own, overwrite: true);

        Assert.Equal(0, Hits());
    }

    [Fact]
    public void Files_and_folder_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows()) return;
        Hits();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_operating_fault_that_names_it()
    {
        File.WriteAllText(_folder, "");
        try
        {
            var fault = Assert.Throws<WasmEngineException>(() => new WasmEngine(new WasmEngineOptions { CacheFolder = Path.Combine(_folder, "cache") }));
            Assert.Contains(_folder, fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    private long Hits(WasmEngineOptions? options = null)
    {
        using var engine = new WasmEngine((options ?? new WasmEngineOptions()) with { CacheFolder = _folder });
        using var instance = Guests.Create(Wat, engine: engine);
        Assert.Equal(41, instance.CallI32("f"));
        return engine.CacheHits;
    }
}
