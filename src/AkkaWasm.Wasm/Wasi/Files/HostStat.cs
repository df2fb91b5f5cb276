using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>Reads what Linux's <c>statx</c> gives (struct statx in linux/stat.h, the same on every architecture).</summary>
internal static class HostStat
{
    private const int TypeMask = 0xF000;
    private const int DirectoryType = 0x4000;
    private const int RegularType = 0x8000;
    private const int LinkType = 0xA000;
    private const int CharacterType = 0x2000;

    public static WasiFileStat Read(ReadOnlySpan<byte> statx) => new(
        ((ulong)U32(statx, 0x88) << 32) | U32(statx, 0x8C),
        BinaryPrimitives.ReadUInt64LittleEndian(statx[0x20..]),
        TypeOf(BinaryPrimitives.ReadUInt16LittleEndian(statx[0x1C..])),
        U32(statx, 0x10),
        BinaryPrimitives.ReadUInt64LittleEndian(statx[0x28..]),
        Time(statx[0x40..]),
        Time(statx[0x70..]),
        Time(statx[0x60..]));

    private static WasiFileType TypeOf(ushort mode) => (mode & TypeMask) switch
    {
        DirectoryType => WasiFileType.Directory,
        RegularType => WasiFileType.RegularFile,
        LinkType => WasiFileType.SymbolicLink,
        CharacterType => WasiFileType.CharacterDevice,
        _ => WasiFileType.Unknown,
    };

    /// <summary>Times before 1970 are shown as 0.</summary>
    private static ulong Time(ReadOnlySpan<byte> time)
    {
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(time);
        return seconds < 0 ? 0 : (ulong)seconds * 1_000_000_000 + U32(time, 8);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
