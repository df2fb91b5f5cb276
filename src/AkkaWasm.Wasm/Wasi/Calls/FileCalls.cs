using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>Reading, writing, seeking and sizes.</summary>
internal static class FileCalls
{
    private enum Whence : uint
    {
        Set = 0,
        Current = 1,
        End = 2,
    }

    public static WasiErrno Read(ref WasiCall call)
    {
        call.World.Host.Resume();
        var errno = Opened(ref call, WasiRights.Read, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        errno = call.Vectors(1, out var vectors);
        if (errno != WasiErrno.Success) return errno;
        if (descriptor.Stream is not null) return ReadInput(ref call, vectors);
        errno = Read(ref call, descriptor.File!, vectors, descriptor.Offset, out var count);
        if (errno != WasiErrno.Success) return errno;
        descriptor.Offset += count;
        return call.Write32(call.U32(3), count);
    }

    public static WasiErrno PRead(ref WasiCall call)
    {
        var errno = Positioned(ref call, WasiRights.Read, out var file);
        if (errno != WasiErrno.Success) return errno;
        errno = call.Vectors(1, out var vectors);
        if (errno != WasiErrno.Success) return errno;
        errno = Read(ref call, file, vectors, call.U64(3), out var count);
        return errno == WasiErrno.Success ? call.Write32(call.U32(4), count) : errno;
    }

    public static WasiErrno Write(ref WasiCall call)
    {
        var errno = Opened(ref call, WasiRights.Write, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        errno = call.Vectors(1, out var vectors);
        if (errno != WasiErrno.Success) return errno;
        if (!call.World.MayWrite(vectors.Bytes)) return WasiErrno.NoSpace;
        if (descriptor.Stream is { } stream)
        {
            for (var i = 0; i < vectors.Count; i++) call.World.Host.Write(stream, call.Buffer(vectors, i));
            return call.Write32(call.U32(3), (uint)vectors.Bytes);
        }
        var file = descriptor.File!;
        errno = Begin(descriptor, file, out var offset);
        if (errno != WasiErrno.Success) return errno;
        errno = Write(ref call, file, vectors, offset, out var count);
        descriptor.Offset = offset + count;
        if (errno != WasiErrno.Success && count == 0) return errno;
        return call.Write32(call.U32(3), count);
    }

    /// <summary>Writes at the offset even where the descriptor appends, as POSIX says (and not as Linux does).</summary>
    public static WasiErrno PWrite(ref WasiCall call)
    {
        var errno = Positioned(ref call, WasiRights.Write, out var file);
        if (errno != WasiErrno.Success) return errno;
        errno = call.Vectors(1, out var vectors);
        if (errno != WasiErrno.Success) return errno;
        if (!call.World.MayWrite(vectors.Bytes)) return WasiErrno.NoSpace;
        errno = Write(ref call, file, vectors, call.U64(3), out var count);
        if (errno != WasiErrno.Success && count == 0) return errno;
        return call.Write32(call.U32(4), count);
    }

    public static WasiErrno Seek(ref WasiCall call)
    {
        var whence = (Whence)call.U32(2);
        var offset = (long)call.U64(1);
        var onlyTells = whence == Whence.Current && offset == 0;
        var errno = Seekable(ref call, onlyTells ? WasiRights.Seek | WasiRights.Tell : WasiRights.Seek, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (whence > Whence.End) return WasiErrno.Invalid;
        var size = default(WasiFileStat);
        if (whence == Whence.End && descriptor.File!.Stat(out size) is not WasiErrno.Success and var failed) return failed;
        var target = (Int128)(whence switch { Whence.Set => 0, Whence.Current => descriptor.Offset, _ => size.Size }) + offset;
        if (target < 0 || target > long.MaxValue) return WasiErrno.Invalid;
        descriptor.Offset = (ulong)target;
        return call.Write64(call.U32(3), descriptor.Offset);
    }

    public static WasiErrno Tell(ref WasiCall call)
    {
        var errno = Seekable(ref call, WasiRights.Seek | WasiRights.Tell, out var descriptor);
        return errno == WasiErrno.Success ? call.Write64(call.U32(1), descriptor.Offset) : errno;
    }

    /// <summary>Makes the file at least that long.</summary>
    public static WasiErrno Allocate(ref WasiCall call)
    {
        var errno = OfFile(ref call, WasiRights.Allocate, out var file);
        if (errno != WasiErrno.Success) return errno;
        var (offset, length) = (call.U64(1), call.U64(2));
        if (length == 0) return WasiErrno.Invalid;
        if (offset > long.MaxValue || length > long.MaxValue - offset) return WasiErrno.FileTooBig;
        errno = file.Stat(out var stat);
        if (errno != WasiErrno.Success) return errno;
        return offset + length > stat.Size ? file.SetSize(offset + length) : WasiErrno.Success;
    }

    public static WasiErrno SetSize(ref WasiCall call)
    {
        var errno = OfFile(ref call, WasiRights.SetSize, out var file);
        if (errno != WasiErrno.Success) return errno;
        return call.U64(1) > long.MaxValue ? WasiErrno.FileTooBig : file.SetSize(call.U64(1));
    }

    private static WasiErrno ReadInput(ref WasiCall call, WasiVectors vectors)
    {
        var host = call.World.Host;
        uint count = 0;
        for (var i = 0; i < vectors.Count; i++)
        {
            var buffer = call.Buffer(vectors, i);
            if (buffer.IsEmpty) continue;
            var read = host.ReadInput(buffer);
            count += (uint)read;
            if (read < buffer.Length) break;
        }
        if (count == 0 && vectors.Bytes > 0 && host.Suspend()) return WasiErrno.Success;
        return call.Write32(call.U32(3), count);
    }

    private static WasiErrno Read(ref WasiCall call, WasiFile file, WasiVectors vectors, ulong offset, out uint count)
    {
        count = 0;
        for (var i = 0; i < vectors.Count; i++)
        {
            var buffer = call.Buffer(vectors, i);
            var errno = file.Read(offset + count, buffer, out var read);
            if (errno != WasiErrno.Success) return errno;
            count += (uint)read;
            if (read < buffer.Length) break;
        }
        return WasiErrno.Success;
    }

    private static WasiErrno Write(ref WasiCall call, WasiFile file, WasiVectors vectors, ulong offset, out uint count)
    {
        count = 0;
        for (var i = 0; i < vectors.Count; i++)
        {
            var buffer = call.Buffer(vectors, i);
            var errno = file.Write(offset + count, buffer);
            if (errno != WasiErrno.Success) return errno;
            count += (uint)buffer.Length;
        }
        return WasiErrno.Success;
    }

    /// <summary>Where the next write goes.</summary>
    private static WasiErrno Begin(WasiDescriptor descriptor, WasiFile file, out ulong offset)
    {
        offset = descriptor.Offset;
        if (!descriptor.Flags.HasFlag(WasiFdFlags.Append)) return WasiErrno.Success;
        var errno = file.Stat(out var stat);
        offset = stat.Size;
        return errno;
    }

    /// <summary>A descriptor that may be read or written.</summary>
    private static WasiErrno Opened(ref WasiCall call, WasiRights needed, out WasiDescriptor descriptor)
    {
        if (call.Descriptor(0, WasiRights.None, out descriptor) is not WasiErrno.Success and var errno) return errno;
        if (descriptor.Directory is not null) return WasiErrno.IsDirectory;
        return descriptor.Rights.HasFlag(needed) ? WasiErrno.Success : WasiErrno.BadDescriptor;
    }

    /// <summary>A file that may be read or written at any offset.</summary>
    private static WasiErrno Positioned(ref WasiCall call, WasiRights needed, out WasiFile file)
    {
        file = null!;
        if (Opened(ref call, needed, out var descriptor) is not WasiErrno.Success and var errno) return errno;
        if (descriptor.File is not { } opened) return WasiErrno.IllegalSeek;
        file = opened;
        return descriptor.Rights.HasFlag(WasiRights.Seek) ? WasiErrno.Success : WasiErrno.NotCapable;
    }

    /// <summary>One of the rights is enough.</summary>
    private static WasiErrno Seekable(ref WasiCall call, WasiRights oneOf, out WasiDescriptor descriptor)
    {
        if (call.Descriptor(0, WasiRights.None, out descriptor) is not WasiErrno.Success and var errno) return errno;
        if (descriptor.Directory is not null) return WasiErrno.IsDirectory;
        if (descriptor.File is null) return WasiErrno.IllegalSeek;
        return (descriptor.Rights & oneOf) != 0 ? WasiErrno.Success : WasiErrno.NotCapable;
    }

    private static WasiErrno OfFile(ref WasiCall call, WasiRights needed, out WasiFile file)
    {
        file = null!;
        if (call.Descriptor(0, WasiRights.None, out var descriptor) is not WasiErrno.Success and var errno) return errno;
        if (descriptor.Directory is not null) return WasiErrno.IsDirectory;
        if (descriptor.File is null) return WasiErrno.Invalid;
        file = descriptor.File;
        return descriptor.Rights.HasFlag(needed) ? WasiErrno.Success : WasiErrno.NotCapable;
    }
}
