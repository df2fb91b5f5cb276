using System.Buffers.Binary;
using System.Text;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>What is done with a descriptor: its attributes and its number.</summary>
internal static class DescriptorCalls
{
    public const int StatBytes = 64;

    private const int DirentBytes = 24;
    private const int FdStatBytes = 24;
    private const int PrestatBytes = 8;
    private const uint MaxAdvice = 5;
    private const WasiFdFlags Settable = WasiFdFlags.Append | WasiFdFlags.NonBlocking;

    /// <summary>Advice is taken and has no effect.</summary>
    public static WasiErrno Advise(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.Advise, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (descriptor.File is null) return WasiErrno.BadDescriptor;
        return call.U32(3) > MaxAdvice ? WasiErrno.Invalid : WasiErrno.Success;
    }

    public static WasiErrno Close(ref WasiCall call) => call.World.Descriptors.Close(call.Fd(0)) ? WasiErrno.Success : WasiErrno.BadDescriptor;

    public static WasiErrno Renumber(ref WasiCall call) => call.World.Descriptors.Renumber(call.Fd(0), call.Fd(1)) ? WasiErrno.Success : WasiErrno.BadDescriptor;

    public static WasiErrno DataSync(ref WasiCall call) => Sync(ref call, WasiRights.DataSync);

    public static WasiErrno Sync(ref WasiCall call) => Sync(ref call, WasiRights.Sync);

    public static WasiErrno FdStatGet(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (!call.TrySpan(call.U32(1), FdStatBytes, out var buffer)) return WasiErrno.Fault;
        buffer.Clear();
        buffer[0] = (byte)TypeOf(call.World, descriptor);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[2..], (ushort)descriptor.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[8..], (ulong)descriptor.Rights);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[16..], (ulong)descriptor.Inheriting);
        return WasiErrno.Success;
    }

    /// <summary>As in Linux only appending and blocking can be changed; whether writing waits for the disk stays as it was opened.</summary>
    public static WasiErrno SetFlags(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.SetFlags, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        var flags = (WasiFdFlags)call.U32(1);
        if ((flags & ~WasiFdFlags.All) != 0) return WasiErrno.Invalid;
        descriptor.Flags = (descriptor.Flags & ~Settable) | (flags & Settable);
        return WasiErrno.Success;
    }

    /// <summary>Rights can be dropped, never gained.</summary>
    public static WasiErrno SetRights(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        var (rights, inheriting) = ((WasiRights)call.U64(1), (WasiRights)call.U64(2));
        if ((rights & ~descriptor.Rights) != 0 || (inheriting & ~descriptor.Inheriting) != 0) return WasiErrno.NotCapable;
        (descriptor.Rights, descriptor.Inheriting) = (rights, inheriting);
        return WasiErrno.Success;
    }

    public static WasiErrno FileStatGet(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.Stat, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        errno = Stat(call.World, descriptor, out var stat);
        return errno == WasiErrno.Success ? WriteStat(ref call, call.U32(1), stat) : errno;
    }

    public static WasiErrno SetTimes(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.SetTimes, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        errno = Times(ref call, 1, out var times);
        if (errno != WasiErrno.Success) return errno;
        return descriptor.File?.SetTimes(times) ?? descriptor.Directory?.SetTimes(times) ?? WasiErrno.NotSupported;
    }

    public static WasiErrno PrestatGet(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (descriptor.PreopenedAs is not { } path) return WasiErrno.BadDescriptor;
        if (!call.TrySpan(call.U32(1), PrestatBytes, out var buffer)) return WasiErrno.Fault;
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[4..], (uint)Encoding.UTF8.GetByteCount(path));
        return WasiErrno.Success;
    }

    public static WasiErrno PrestatDirName(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (descriptor.PreopenedAs is not { } path) return WasiErrno.BadDescriptor;
        var name = Encoding.UTF8.GetBytes(path);
        if (call.U32(2) < name.Length) return WasiErrno.NameTooLong;
        if (!call.TrySpan(call.U32(1), (uint)name.Length, out var buffer)) return WasiErrno.Fault;
        name.CopyTo(buffer);
        return WasiErrno.Success;
    }

    /// <summary>Fills the buffer with entries, cutting the last one where it does not fit, so that a full buffer says that there is more.</summary>
    public static WasiErrno ReadDir(ref WasiCall call)
    {
        var errno = call.Descriptor(0, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success) return errno;
        if (descriptor.Directory is not { } directory) return WasiErrno.NotDirectory;
        if (!descriptor.Rights.HasFlag(WasiRights.ReadDirectory)) return WasiErrno.NotCapable;
        if (!call.TrySpan(call.U32(1), call.U32(2), out var buffer)) return WasiErrno.Fault;
        errno = directory.List(call.U64(3), out var entries);
        if (errno != WasiErrno.Success) return errno;
        var used = 0;
        Span<byte> head = stackalloc byte[DirentBytes];
        foreach (var entry in entries)
        {
            if (used == buffer.Length) break;
            var name = Encoding.UTF8.GetBytes(entry.Name);
            head.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(head, entry.Next);
            BinaryPrimitives.WriteUInt64LittleEndian(head[8..], entry.Inode);
            BinaryPrimitives.WriteUInt32LittleEndian(head[16..], (uint)name.Length);
            head[20] = (byte)entry.Type;
            used += CopyFitting(head, buffer[used..]);
            used += CopyFitting(name, buffer[used..]);
        }
        return call.Write32(call.U32(4), (uint)used);
    }

    /// <summary>The times that two arguments and the flags behind them describe.</summary>
    public static WasiErrno Times(ref WasiCall call, int index, out WasiTimes times)
    {
        const uint accessed = 1, accessedNow = 2, modified = 4, modifiedNow = 8;
        times = default;
        var flags = call.U32(index + 2);
        if (flags > 15 || (flags & (accessed | accessedNow)) == (accessed | accessedNow) || (flags & (modified | modifiedNow)) == (modified | modifiedNow)) return WasiErrno.Invalid;
        var now = call.World.RealtimeNs;
        times = new WasiTimes(
            (flags & accessed) != 0 ? call.U64(index) : (flags & accessedNow) != 0 ? now : null,
            (flags & modified) != 0 ? call.U64(index + 1) : (flags & modifiedNow) != 0 ? now : null);
        return WasiErrno.Success;
    }

    public static WasiErrno WriteStat(ref WasiCall call, uint pointer, WasiFileStat stat)
    {
        if (!call.TrySpan(pointer, StatBytes, out var buffer)) return WasiErrno.Fault;
        buffer.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(buffer, stat.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[8..], stat.Inode);
        buffer[16] = (byte)stat.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[24..], stat.Links);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[32..], stat.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[40..], stat.AccessedNs);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[48..], stat.ModifiedNs);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[56..], stat.ChangedNs);
        return WasiErrno.Success;
    }

    /// <summary>Only a terminal says that it is a device, because programs write to one line by line.</summary>
    private static WasiFileType TypeOf(WasiWorld world, WasiDescriptor descriptor)
    {
        if (descriptor.Directory is not null) return WasiFileType.Directory;
        if (descriptor.Stream is not { } stream) return WasiFileType.RegularFile;
        return world.Host.IsTerminal(stream) ? WasiFileType.CharacterDevice : WasiFileType.Unknown;
    }

    private static WasiErrno Stat(WasiWorld world, WasiDescriptor descriptor, out WasiFileStat stat)
    {
        if (descriptor.File is { } file) return file.Stat(out stat);
        if (descriptor.Directory is { } directory) return directory.Stat(out stat);
        stat = new WasiFileStat(0, 0, TypeOf(world, descriptor), 1, 0, 0, 0, 0);
        return WasiErrno.Success;
    }

    private static WasiErrno Sync(ref WasiCall call, WasiRights needed)
    {
        var errno = call.Descriptor(0, needed, out var descriptor);
        return errno == WasiErrno.Success ? descriptor.File?.Sync() ?? WasiErrno.Success : errno;
    }

    private static int CopyFitting(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var count = Math.Min(source.Length, target.Length);
        source[..count].CopyTo(target);
        return count;
    }
}
