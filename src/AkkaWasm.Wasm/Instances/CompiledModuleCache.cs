using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// Compiled modules on disk, one file each, named by the hash of what was compiled and the fingerprint of how. A file is used only if its header
/// names both and its own checksum holds; anything else is compiled anew and replaced. Files appear complete or not at all.
/// <para>Layout, little endian: 8 bytes magic, 32 key, 32 SHA-256 of the fingerprint, 32 SHA-256 of the code, 8 length of the code, the code.</para>
/// </summary>
internal sealed class CompiledModuleCache
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int HeaderBytes = 8 + (3 * HashBytes) + 8;

    private readonly string _folder;
    private readonly byte[] _fingerprint;
    private long _hits;

    private CompiledModuleCache(string folder, byte[] fingerprint)
    {
        _folder = folder;
        _fingerprint = fingerprint;
    }

    public long Hits => Interlocked.Read(ref _hits);

    private static ReadOnlySpan<byte> Magic => "AKWCODE1"u8;

    public static CompiledModuleCache Open(string folder, string fingerprint)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
            else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WasmEngineException(
                $"The cache folder {folder} cannot be made: {e.Message} Name another, or none to compile each time.", isTransient: false, e);
        }
        return new CompiledModuleCache(folder, SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)));
    }

    public static byte[] KeyOf(ReadOnlySpan<byte> woven) => SHA256.HashData(woven);

    public void CountHit() => Interlocked.Increment(ref _hits);

    /// <summary>The machine code, or null if there is none that can be trusted.</summary>
    public byte[]? TryRead(ReadOnlySpan<byte> key)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(PathOf(key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        if (file.Length < HeaderBytes || !file.AsSpan().StartsWith(Magic)) return null;
        var header = file.AsSpan(8, HeaderBytes - 8);
        var code = file.AsSpan(HeaderBytes);
        var sound = header[..HashBytes].SequenceEqual(key)
            && header.Slice(HashBytes, HashBytes).SequenceEqual(_fingerprint)
            && BinaryPrimitives.ReadUInt64LittleEndian(header[(3 * HashBytes)..]) == (ulong)code.Length
            && header.Slice(2 * HashBytes, HashBytes).SequenceEqual(SHA256.HashData(code));
        return sound ? code.ToArray() : null;
    }

    /// <summary>Keeps the code. A disk that is full or read-only costs the next start time, nothing else.</summary>
    public void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> code)
    {
        var target = PathOf(key);
        var temporary = $"{target}.{Environment.ProcessId}-{Guid.NewGuid():n}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(Header(key, code));
                stream.Write(code);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
        }
    }

    private byte[] Header(ReadOnlySpan<byte> key, ReadOnlySpan<byte> code)
    {
        var header = new byte[HeaderBytes];
        var rest = header.AsSpan();
        Magic.CopyTo(rest);
        key.CopyTo(rest[8..]);
        _fingerprint.CopyTo(rest[(8 + HashBytes)..]);
        SHA256.HashData(code, rest[(8 + (2 * HashBytes))..]);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[(8 + (3 * HashBytes))..], (ulong)code.Length);
        return header;
    }

    private string PathOf(ReadOnlySpan<byte> key) =>
        Path.Combine(_folder, $"{Convert.ToHexStringLower(key)}-{Convert.ToHexStringLower(_fingerprint.AsSpan(0, 8))}.cwasm");

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be deleted now is a stray file of a name that nobody reads.
        }
    }
}
