using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What is remembered of a published event.</summary>
/// <param name="Offset">Where it stands in the log.</param>
/// <param name="Content">Hash of everything but its place.</param>
internal readonly record struct KnownEvent(long Offset, ulong Content);

/// <summary>Remembers (source, id) of published events for a time, so that publishing again gives the first position.</summary>
internal sealed class IdempotencyWindow(int maxKeys, long windowNs)
{
    private readonly Dictionary<UInt128, KnownEvent> known = [];
    private readonly Queue<(UInt128 Key, long AtNs)> age = [];

    public int Count => known.Count;

    public static UInt128 KeyOf(MeshEvent e)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(e.Source!));
        hash.Append("\0"u8);
        hash.Append(Encoding.UTF8.GetBytes(e.Id!));
        return hash.GetCurrentHashAsUInt128();
    }

    public static ulong ContentOf(MeshEvent e)
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

    public bool TryGet(UInt128 key, out KnownEvent found) => known.TryGetValue(key, out found);

    public void Add(MeshEvent e)
    {
        var key = KeyOf(e);
        known[key] = new KnownEvent(e.Offset, ContentOf(e));
        age.Enqueue((key, e.AppendedAtNs));
        while (age.TryPeek(out var oldest) && (known.Count > maxKeys || oldest.AtNs < e.AppendedAtNs - windowNs)) known.Remove(age.Dequeue().Key);
    }

    public void Write(ByteWriter w)
    {
        w.UInt((ulong)age.Count);
        foreach (var (key, at) in age)
        {
            w.Hash(new StateHash(key));
            w.Int(at);
            w.Int(known.GetValueOrDefault(key).Offset);
            w.Fixed64(known.GetValueOrDefault(key).Content);
        }
    }

    public void Read(ByteReader r)
    {
        for (var count = r.UInt(); count > 0; count--)
        {
            var (key, at) = (r.Hash().Value, r.Int());
            known[key] = new KnownEvent(r.Int(), r.Fixed64());
            age.Enqueue((key, at));
        }
    }

    private static void Append(XxHash64 hash, string? text)
    {
        hash.Append(BitConverter.GetBytes(text?.Length ?? -1));
        hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
