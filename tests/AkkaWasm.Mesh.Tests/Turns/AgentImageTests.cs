using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Turns;

public sealed class AgentImageTests
{
    private static readonly AgentImage Image = new("family/key", 3, 77, 12, new StateHash(5), new Parts());

    [Fact]
    public void A_manifest_names_its_parts_and_comes_back_with_what_finds_them()
    {
        var bytes = Image.ToManifest();
        Assert.Equal([(UInt128)7, UInt128.MaxValue], AgentImage.PartsOf(bytes));
        var back = AgentImage.FromBytes(bytes, name => new byte[] { (byte)name });
        Assert.Equal((Image.Agent, Image.Incarnation, Image.Input, Image.Turns, Image.Hash), (back.Agent, back.Incarnation, back.Input, back.Turns, back.Hash));
        Assert.Equal("manifest"u8.ToArray(), back.State.ToManifest().ToArray());
        Assert.Equal([7], Assert.IsType<StoredGuestState>(back.State).Part(7).ToArray());
        Assert.Throws<NotSupportedException>(() => back.Guest);
        Assert.Throws<ImageCorruptException>(() => ((StoredGuestState)AgentImage.FromBytes(bytes).State).Part(7));
    }

    [Fact]
    public void A_whole_image_has_no_parts()
    {
        var bytes = Image.ToBytes();
        Assert.Empty(AgentImage.PartsOf(bytes));
        Assert.Equal("whole"u8.ToArray(), AgentImage.FromBytes(bytes).Guest.ToArray());
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_is_refused()
    {
        foreach (var bytes in new[] { Image.ToBytes(), Image.ToManifest() })
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                var damaged = bytes.ToArray();
                damaged[i] ^= 0x10;
                Assert.Throws<ImageCorruptException>(() => AgentImage.FromBytes(damaged));
                Assert.Throws<ImageCorruptException>(() => AgentImage.PartsOf(bytes.AsSpan(0, i)));
            }
        }
    }

    private sealed class Parts : GuestState
    {
        public override IEnumerable<UInt128> PartNames => [7, UInt128.MaxValue];

        public override ReadOnlyMemory<byte> ToBytes() => "whole"u8.ToArray();

        public override ReadOnlyMemory<byte> ToManifest() => "manifest"u8.ToArray();
    }
}
