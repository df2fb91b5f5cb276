using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots;

public sealed class SnapshotFormatTests
{
    private const int StateOffset = 8 + 4 + 4 + 36 + 8;

    private static readonly byte[] Sound = Make();

    [Fact]
    public void Every_flipped_bit_of_every_byte_is_noticed()
    {
        for (var i = 0; i < Sound.Length; i++)
        {
            var bytes = Sound.ToArray();
            bytes[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(bytes));
        }
    }

    [Fact]
    public void Every_cut_is_noticed_and_so_are_bytes_that_follow()
    {
        for (var i = 0; i < Sound.Length; i += i < 200 ? 1 : 37)
        {
            var bytes = Sound[..i];
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(bytes));
        }
        Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes([.. Sound, 0]));
    }

    [Fact]
    public void The_message_says_what_is_wrong_and_where()
    {
        var bytes = Sound.ToArray();
        bytes[8] = 99;

        var corrupt = Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(bytes));

        Assert.Equal(8, corrupt.Offset);
        Assert.Contains("its version is 99, known is 2", corrupt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0xffffffffu)]
    [InlineData(12, 0x0000ffffu)]
    [InlineData(4124, 0xffffffffu)]
    [InlineData(4132, 0x80000000u)]
    public void Nonsense_under_a_sound_checksum_is_refused_too(int offset, uint value)
    {
        var bytes = Sound.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(StateOffset + offset), value);
        XxHash128.Hash(bytes.AsSpan(0, bytes.Length - 16), bytes.AsSpan(bytes.Length - 16));

        Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(bytes));
    }

    [Fact]
    public void Random_damage_under_a_sound_checksum_never_does_more_than_be_refused_or_read()
    {
        var random = new Random(20);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = Sound.ToArray();
            for (var i = 0; i < 3; i++) bytes[random.Next(StateOffset, bytes.Length - 16)] = (byte)random.Next(256);
            XxHash128.Hash(bytes.AsSpan(0, bytes.Length - 16), bytes.AsSpan(bytes.Length - 16));
            try
            {
                Assert.Equal(bytes, WasmSnapshot.FromBytes(bytes).ToBytes());
            }
            catch (SnapshotCorruptException e)
            {
                Assert.InRange(e.Offset, StateOffset, bytes.Length);
            }
        }
    }

    private static byte[] Make()
    {
        using var instance = Guests.Create(
            """
            (module (memory 1) (data (i32.const 0) "some data") (data $p "x") (table 3 funcref) (elem (i32.const 1) $f)
              (global (mut i64) (i64.const -1)) (func $f (memory.init $p (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop $p)))
            """);
        return instance.Capture().ToBytes();
    }
}
