using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Serialization;

/// <summary>
/// Writes what is persisted or crosses nodes. The manifest names kind and version, so that another version of this program knows what it reads;
/// payloads that the mesh encodes itself carry version and checksum of their own as well.
/// </summary>
internal sealed class MeshSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Format[] Formats =
    [
        new("block/1", typeof(JournalRow), o => ArrayOf(((JournalRow)o).Block), bytes => new JournalRow(bytes)),
        new("state/1", typeof(ShardSnapshot), o => ArrayOf(((ShardSnapshot)o).State), bytes => new ShardSnapshot(bytes)),
        new("image/1", typeof(ImageSnapshot), o => ((ImageSnapshot)o).Image.ToArray(), bytes => new ImageSnapshot(bytes)),
        new("events/2", typeof(CommittedEvents), o => WriteEvents((CommittedEvents)o), bytes => ReadEvents(bytes, hasLives: true)),
        new("events/1", typeof(CommittedEvents), o => WriteEvents((CommittedEvents)o), bytes => ReadEvents(bytes, hasLives: false)), // read only: the first that fits is written
    ];

    /// <summary>Part of the format of journals and snapshots; never to be changed.</summary>
    public override int Identifier => 22_017;

    public override string Manifest(object o) => FormatOf(o).Manifest;

    public override byte[] ToBinary(object obj) => FormatOf(obj).Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) =>
        (Array.Find(Formats, f => f.Manifest == manifest) ?? throw new SerializationException($"The manifest '{manifest}' is not known to this program; it was written by a newer one."))
        .Read(bytes);

    private static Format FormatOf(object o) =>
        Array.Find(Formats, f => f.Type == o.GetType()) ?? throw new SerializationException($"There is no binary form for {o.GetType()}.");

    /// <summary>The array itself where the memory is all of one: blocks and states are megabytes.</summary>
    public static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && segment.Count == array.Length ? array : bytes.ToArray();

    private static byte[] WriteEvents(CommittedEvents events)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(events.Mesh);
        var lives = events.Events.Where(e => e.Agent >= 0).Select(e => (e.Agent, e.Incarnation)).Distinct().Order().ToArray();
        writer.Write(lives.Length);
        foreach (var (agent, incarnation) in lives)
        {
            writer.Write(agent);
            writer.Write(incarnation);
            writer.Write(events.NameOf(agent, incarnation));
        }
        writer.Write(events.Block.Bytes.Span);
        return stream.ToArray();
    }

    /// <param name="bytes">What was written.</param>
    /// <param name="hasLives">Whether names stand there by number and incarnation; before agents could be renamed they did by number.</param>
    private static object ReadEvents(byte[] bytes, bool hasLives)
    {
        using var stream = new MemoryStream(bytes);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var mesh = reader.ReadString();
        var names = new Dictionary<(int, int), string>();
        for (var count = reader.ReadInt32(); count > 0; count--) names[(reader.ReadInt32(), hasLives ? reader.ReadInt32() : 0)] = reader.ReadString();
        var block = bytes.AsMemory((int)stream.Position);
        return new CommittedEvents(mesh, new LogBlock(BlockCodec.ReadHeader(block), block), (agent, incarnation) => names.GetValueOrDefault((agent, hasLives ? incarnation : 0), ""));
    }

    private sealed record Format(string Manifest, Type Type, Func<object, byte[]> Write, Func<byte[], object> Read);
}
