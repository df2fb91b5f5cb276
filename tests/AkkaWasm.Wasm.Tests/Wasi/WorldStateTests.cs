using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>A world saved, read back and hashed.</summary>
public sealed class WorldStateTests
{
    private static readonly WasmModule Files = Programs.Load("""
        (module (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $size (param i32 i64) (result i32)))
          (memory (export "memory") 1) (data (i32.const 0) "name") (data (i32.const 16) "abcdefgh") (data (i32.const 32) "\10\00\00\00\08\00\00\00\40\00\00\00\08\00\00\00")
          (func (export "open") (result i32)
            (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 1) (i64.const 0x6000ff) (i64.const 0) (i32.const 0) (i32.const 128))) (i32.load (i32.const 128)))
          (func (export "unlink") (result i32) (call $unlink (i32.const 3) (i32.const 0) (i32.const 4)))
          (func (export "write") (param i32) (result i32) (call $write (local.get 0) (i32.const 32) (i32.const 1) (i32.const 128)))
          (func (export "read") (param i32) (result i64) (i64.store (i32.const 64) (i64.const 0))
            (drop (call $read (local.get 0) (i32.const 40) (i32.const 1) (i32.const 128))) (i64.load (i32.const 64)))
          (func (export "seek") (param i32 i64) (result i32) (call $seek (local.get 0) (local.get 1) (i32.const 0) (i32.const 128)))
          (func (export "size") (param i32 i64) (result i32) (call $size (local.get 0) (local.get 1))))
        """u8.ToArray(), "files.wat");

    private static readonly WasiSettings Settings = new();

    [Fact]
    public void Descriptors_and_their_offsets_come_back_also_those_of_files_without_a_name()
    {
        using var world = new WasiWorld(Settings);
        var file = Run(world, guest => Write(guest, unlinks: true));
        using var again = WasiWorld.FromBytes(world.ToBytes(), Settings);

        Assert.Equal(0x6867666564636261, Run(again, guest => guest.GetFunction("read")!.Invoke(WasmValue.FromI32(file))[0].AsI64()));
        Assert.Equal(8, again.FileBytes);
        again.BeginProgram();
        Assert.Equal(0, again.FileBytes);
    }

    [Fact]
    public void What_was_saved_is_saved_again_with_the_same_bytes_and_hash()
    {
        using var world = new WasiWorld(Settings);
        world.Run("tally", "one");
        var (bytes, hash) = (world.ToBytes(), world.ComputeHash());
        using var again = WasiWorld.FromBytes(bytes, Settings);

        Assert.Equal(bytes, again.ToBytes());
        Assert.Equal(hash, again.ComputeHash());
        Assert.Equal(world.Run("tally", "two"), again.Run("tally", "two"));
        Assert.NotEqual(hash, again.ComputeHash());
        Assert.Equal(world.ComputeHash(), again.ComputeHash());
        Assert.Equal(bytes, WasiWorld.FromBytes(bytes, Settings).ToBytes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16_380)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    internal void Equal_files_have_equal_hashes_however_they_were_written(int offset)
    {
        using WasiWorld sparse = new(Settings), full = new(Settings);
        Run(sparse, guest => Rewound(guest, Write(guest, offset: offset)));
        Run(full, guest =>
        {
            var file = Write(guest, offset: offset + 8);
            for (var at = 0; at <= offset + 8; at += 8) Seek(guest, file, at);
            Seek(guest, file, offset);
            guest.GetFunction("write")!.Invoke(WasmValue.FromI32(file));
            return guest.GetFunction("size")!.Invoke(WasmValue.FromI32(file), WasmValue.FromI64(offset + 8))[0].AsI32() + Rewound(guest, file);
        });

        Assert.Equal(sparse.ComputeHash(), full.ComputeHash());
        Assert.Equal(sparse.ToBytes(), full.ToBytes());
    }

    [Fact]
    public void A_file_that_is_cut_and_grows_again_has_zeros_where_it_was_cut()
    {
        using var world = new WasiWorld(Settings);

        Assert.Equal(0x636261, Run(world, guest =>
        {
            var file = WasmValue.FromI32(Write(guest));
            guest.GetFunction("size")!.Invoke(file, WasmValue.FromI64(3));
            guest.GetFunction("size")!.Invoke(file, WasmValue.FromI64(8));
            return guest.GetFunction("read")!.Invoke(file)[0].AsI64();
        }));
    }

    [Fact]
    public void Damaged_bytes_are_refused_wherever_the_damage_is()
    {
        using var world = new WasiWorld(Settings);
        world.Run("tally", "one");
        var bytes = world.ToBytes();
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<SnapshotCorruptException>(() => WasiWorld.FromBytes(damaged, Settings));
        }
        for (var length = 0; length < bytes.Length; length += 7) Assert.Throws<SnapshotCorruptException>(() => WasiWorld.FromBytes(bytes.AsMemory(0, length), Settings));
    }

    private static T Run<T>(WasiWorld world, Func<WasmInstance, T> run)
    {
        using var instance = Programs.Instantiate(Files, world);
        world.BeginTurn(new StillHost());
        var result = run(instance);
        world.EndTurn();
        return result;
    }

    /// <summary>Writes eight bytes and leaves the file open at their beginning.</summary>
    private static int Write(WasmInstance guest, bool unlinks = false, int offset = 0)
    {
        var file = guest.GetFunction("open")!.Invoke()[0].AsI32();
        Seek(guest, file, offset);
        Assert.Equal(0, guest.GetFunction("write")!.Invoke(WasmValue.FromI32(file))[0].AsI32());
        if (unlinks) Assert.Equal(0, guest.GetFunction("unlink")!.Invoke()[0].AsI32());
        Seek(guest, file, offset);
        return file;
    }

    private static int Rewound(WasmInstance guest, int file)
    {
        Seek(guest, file, 0);
        return file;
    }

    private static void Seek(WasmInstance guest, int file, long offset) =>
        Assert.Equal(0, guest.GetFunction("seek")!.Invoke(WasmValue.FromI32(file), WasmValue.FromI64(offset))[0].AsI32());
}
