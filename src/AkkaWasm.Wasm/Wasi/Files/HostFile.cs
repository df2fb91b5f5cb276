using Microsoft.Win32.SafeHandles;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>A regular file of the machine, open.</summary>
internal sealed class HostFile(SafeFileHandle handle) : WasiFile
{
    private const int ErrorMask = 0xFFFF;

    public override WasiErrno Stat(out WasiFileStat stat) => HostCalls.Stat(handle, "", HostCalls.EmptyPath, out stat);

    public override WasiErrno SetTimes(WasiTimes times) => HostCalls.SetTimes(handle, null, times);

    public override WasiErrno Read(ulong offset, Span<byte> destination, out int count)
    {
        count = 0;
        if (offset > long.MaxValue) return WasiErrno.Success;
        try
        {
            count = RandomAccess.Read(handle, destination, (long)offset);
            return WasiErrno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return ErrnoOf(e);
        }
    }

    public override WasiErrno Write(ulong offset, ReadOnlySpan<byte> bytes)
    {
        if (offset > long.MaxValue - (ulong)bytes.Length) return WasiErrno.FileTooBig;
        try
        {
            RandomAccess.Write(handle, bytes, (long)offset);
            return WasiErrno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return ErrnoOf(e);
        }
    }

    public override WasiErrno SetSize(ulong size)
    {
        if (size > long.MaxValue) return WasiErrno.FileTooBig;
        try
        {
            RandomAccess.SetLength(handle, (long)size);
            return WasiErrno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return ErrnoOf(e);
        }
    }

    public override WasiErrno Sync()
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
            return WasiErrno.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ErrnoOf(e);
        }
    }

    public override void Dispose() => handle.Dispose();

    private static WasiErrno ErrnoOf(Exception exception) => exception switch
    {
        UnauthorizedAccessException => WasiErrno.Access,
        IOException io => HostCalls.Of(io.HResult & ErrorMask),
        _ => WasiErrno.NotSupported,
    };
}
