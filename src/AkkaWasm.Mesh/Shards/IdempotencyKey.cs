using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>By what a published event is known again.</summary>
/// <param name="Key">Hash of source and id.</param>
/// <param name="Content">Hash of everything but its place.</param>
internal readonly record struct IdempotencyKey(UInt128 Key, ulong Content)
{
    private const int StackBytes = 512;

    /// <summary>The key of an event that has a source and an id.</summary>
    public static IdempotencyKey Of(MeshEvent e) => new(KeyOf(e.Source!, e.Id!), ContentOf(e));

    private static UInt128 KeyOf(string source, string id)
    {
        var room = Encoding.UTF8.GetMaxByteCount(source.Length) + 1 + Encoding.UTF8.GetMaxByteCount(id.Length);
        var rented = room > StackBytes ? ArrayPool<byte>.Shared.Rent(room) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        var length = Encoding.UTF8.GetBytes(source, bytes);
        bytes[length++] = 0;
        length += Encoding.UTF8.GetBytes(id, bytes[length..]);
        var key = XxHash128.HashToUInt128(bytes[..length]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return key;
    }

    /// <summary>Small events are gathered and hashed at once, which is several times faster than piece by piece and gives the same.</summary>
    private static ulong ContentOf(MeshEvent e)
    {
        var room = RoomFor(e);
        if (room > StackBytes) return ContentOfLarge(e);
        Span<byte> bytes = stackalloc byte[StackBytes];
        var at = 0;
        Put(bytes, ref at, e.Topic);
        Put(bytes, ref at, e.Subject);
        Put(bytes, ref at, e.Time);
        Put(bytes, ref at, e.ContentType);
        BitConverter.TryWriteBytes(bytes[at..], e.Extensions.Length);
        at += sizeof(int);
        foreach (var (name, value) in e.Extensions)
        {
            Put(bytes, ref at, name);
            Put(bytes, ref at, value);
        }
        e.Data.Span.CopyTo(bytes[at..]);
        return XxHash64.HashToUInt64(bytes[..(at + e.Data.Length)]);
    }

    private static int RoomFor(MeshEvent e)
    {
        var room = 5 * sizeof(int) + e.Data.Length + 2 * (e.Topic.Length + (e.Subject?.Length ?? 0) + (e.Time?.Length ?? 0) + (e.ContentType?.Length ?? 0));
        foreach (var (name, value) in e.Extensions) room += 2 * (sizeof(int) + name.Length + value.Length);
        return room;
    }

    private static ulong ContentOfLarge(MeshEvent e)
    {
        var hash = new XxHash64();
        foreach (var text in new[] { e.Topic, e.Subject, e.Time, e.ContentType }) Append(hash, text);
        hash.Append(BitConverter.GetBytes(e.Extensions.Length));
        foreach (var (name, value) in e.Extensions)
        {
            Append(hash, name);
            Append(hash, value);
        }
        hash.Append(e.Data.Span);
        return hash.GetCurrentHashAsUInt64();
    }

    private static void Put(Span<byte> bytes, ref int at, string? text)
    {
        BitConverter.TryWriteBytes(bytes[at..], text?.Length ?? -1);
        at += sizeof(int);
        MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(bytes[at..]);
        at += 2 * (text?.Length ?? 0);
    }

    private static void Append(XxHash64 hash, string? text)
    {
        hash.Append(BitConverter.GetBytes(text?.Length ?? -1));
        hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
