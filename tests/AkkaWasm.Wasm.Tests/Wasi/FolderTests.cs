using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>Folders that are packed and can only be read, and folders of the machine.</summary>
public sealed class FolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("akkawasm-").FullName;

    public void Dispose() => Directory.Delete(root, true);

    [Fact]
    public void A_program_reads_a_folder_and_cannot_write_it()
    {
        Write("hello.txt", "hello\nworld\n");
        Write("deep/er/file", "x");
        using var world = new WasiWorld(new WasiSettings { Folders = [new WasiMount("/data", WasiFolder.Pack(root, 100))] });

        Assert.Equal("/data/.\n/data/..\n/data/deep\n/data/hello.txt\nhello\nworld\nwriting: Read-only file system\n", world.Run("tally", "data").Output);
    }

    [Fact]
    public void Equal_content_has_equal_hashes_whatever_the_order_and_times_of_the_files()
    {
        Write("b", "2");
        Write("a/c", "1");
        var first = WasiFolder.Pack(root, 100);
        Directory.Delete(root, true);
        Write("a/c", "1");
        Write("b", "2");
        File.SetLastWriteTimeUtc(Path.Combine(root, "b"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(first.ContentHash, WasiFolder.Pack(root, 100).ContentHash);
        Assert.Equal(first.ContentHash, WasiFolder.FromPacked(first.Packed).ContentHash);
        Write("b", "3");
        Assert.NotEqual(first.ContentHash, WasiFolder.Pack(root, 100).ContentHash);
    }

    [Fact]
    public void A_saved_world_is_refused_with_another_folder()
    {
        Write("a", "1");
        WasiSettings Settings() => new() { Folders = [new WasiMount("/data", WasiFolder.Pack(root, 100))] };
        using var world = new WasiWorld(Settings());
        var bytes = world.ToBytes();
        Assert.Equal(bytes, WasiWorld.FromBytes(bytes, Settings()).ToBytes());
        Write("a", "2");

        Assert.Contains("'/data'", Assert.Throws<ArgumentException>(() => WasiWorld.FromBytes(bytes, Settings())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => WasiWorld.FromBytes(bytes, new WasiSettings()));
    }

    [Fact]
    public void A_folder_that_is_missing_too_large_or_has_links_is_refused()
    {
        Assert.Contains("is not there", Assert.Throws<IOException>(() => WasiFolder.Pack(Path.Combine(root, "none"), 1)).Message, StringComparison.Ordinal);
        Write("a", "12345");
        Assert.Contains("more than 4 bytes", Assert.Throws<IOException>(() => WasiFolder.Pack(root, 4)).Message, StringComparison.Ordinal);
        File.CreateSymbolicLink(Path.Combine(root, "link"), "a");
        Assert.Contains("symbolic link", Assert.Throws<IOException>(() => WasiFolder.Pack(root, 100)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_pack_is_refused()
    {
        Write("a/b", "1");
        var packed = WasiFolder.Pack(root, 100).Packed;

        for (var length = 0; length < packed.Length; length++)
        {
            // What is cut between two entries is another folder; its hash says so.
            if (length == 5 || length == 5 + 3) continue;
            Assert.Throws<SnapshotCorruptException>(() => WasiFolder.FromPacked(packed[..length]));
        }
    }

    [Fact]
    public void Files_of_the_machine_behave_as_those_in_memory()
    {
        using var world = new WasiWorld(new WasiSettings { HasMemoryRoot = false, HostFolders = [new WasiHostMount("/", root)] });

        Assert.Equal(new Outcome(0, "all is well\n", ""), world.Run("files"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(root));
        Assert.Throws<NotSupportedException>(() => world.ToBytes());
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("way/outside")]
    [InlineData("absolute/outside")]
    [InlineData("link")]
    [InlineData("inner/up/outside")]
    [InlineData("/outside")]
    internal void Nothing_outside_of_a_folder_of_the_machine_is_reached(string path)
    {
        Write("outside", "secret");
        Write("given/inner/file", "x");
        var given = Path.Combine(root, "given");
        File.CreateSymbolicLink(Path.Combine(given, "way"), "..");
        File.CreateSymbolicLink(Path.Combine(given, "absolute"), root);
        File.CreateSymbolicLink(Path.Combine(given, "link"), Path.Combine(root, "outside"));
        File.CreateSymbolicLink(Path.Combine(given, "inner", "up"), "../..");
        using var world = new WasiWorld(new WasiSettings { HasMemoryRoot = false, HostFolders = [new WasiHostMount("/", given)] });

        Assert.Equal((int)WasiErrno.NotCapable, OpenFile(world, path));
        Assert.Equal((int)WasiErrno.Success, OpenFile(world, "inner/../inner/file"));
    }

    private static int OpenFile(WasiWorld world, string path)
    {
        using var module = Programs.Load("""
            (module (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "open") (param i32) (result i32) (call $open (i32.const 3) (i32.const 1) (i32.const 0) (local.get 0) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 1024))))
            """u8.ToArray(), "open.wat");
        using var instance = Programs.Instantiate(module, world);
        instance.GetMemory(0).Write(0, System.Text.Encoding.UTF8.GetBytes(path));
        world.BeginTurn(new StillHost());
        return instance.GetFunction("open")!.Invoke(WasmValue.FromI32(path.Length))[0].AsI32();
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
