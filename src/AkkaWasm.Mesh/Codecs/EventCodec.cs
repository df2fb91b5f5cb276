using System.Collections.Immutable;
using System.Numerics;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of an event: a set of flags says which attributes follow; offset and epoch are those of the record.</summary>
internal static class EventCodec
{
    [Flags]
    private enum Has : ushort
    {
        Id = 1, Source = 2, Subject = 4, Time = 8, ContentType = 16, TraceParent = 32, Extensions = 64, Agent = 128, Correlation = 256,
    }

    private const Has Texts = Has.Id | Has.Source | Has.Subject | Has.Time | Has.ContentType | Has.TraceParent;

    public static void Write(ByteWriter w, BlockContext context, MeshEvent e)
    {
        var has = FlagsOf(e);
        w.UInt((ushort)has);
        w.Byte((byte)e.Origin);
        w.Int(e.AppendedAtNs - context.BaseTimeNs);
        w.Text(e.Topic);
        w.Int(e.Cause);
        w.UInt((ulong)e.Depth);
        if (has.HasFlag(Has.Agent))
        {
            w.Int(e.Agent);
            w.Int(e.Incarnation);
            w.Int(e.Index);
        }
        if (has.HasFlag(Has.Correlation)) w.Int(e.Correlation);
        WriteText(w, e.Id);
        WriteText(w, e.Source);
        WriteText(w, e.Subject);
        WriteText(w, e.Time);
        WriteText(w, e.ContentType);
        WriteText(w, e.TraceParent);
        if (has.HasFlag(Has.Extensions)) w.List(e.Extensions, WriteExtension);
        w.Bytes(e.Data.Span);
    }

    public static MeshEvent Read(ByteReader r, BlockContext context)
    {
        var has = (Has)r.UInt();
        var origin = (EventOrigin)r.Byte();
        var at = r.Int() + context.BaseTimeNs;
        var topic = r.Text();
        var cause = r.Int();
        var depth = (int)r.UInt();
        var (agent, incarnation, index) = has.HasFlag(Has.Agent) ? (r.Int32(), r.Int32(), r.Int32()) : (-1, 0, 0);
        return new MeshEvent
        {
            Topic = topic, Origin = origin, AppendedAtNs = at, Cause = cause, Depth = depth, Agent = agent, Incarnation = incarnation, Index = index, Epoch = context.Epoch,
            Correlation = has.HasFlag(Has.Correlation) ? r.Int() : 0,
            Id = has.HasFlag(Has.Id) ? r.Text() : null,
            Source = has.HasFlag(Has.Source) ? r.Text() : null,
            Subject = has.HasFlag(Has.Subject) ? r.Text() : null,
            Time = has.HasFlag(Has.Time) ? r.Text() : null,
            ContentType = has.HasFlag(Has.ContentType) ? r.Text() : null,
            TraceParent = has.HasFlag(Has.TraceParent) ? r.Text() : null,
            Extensions = has.HasFlag(Has.Extensions) ? r.List(ReadExtension) : [],
            Data = r.Bytes(),
        };
    }

    /// <summary>Passes over what <see cref="Read"/> would read.</summary>
    public static void Skip(ByteReader r)
    {
        var has = (Has)r.UInt();
        r.Byte();
        r.UInt();
        r.SkipBytes();
        r.UInt();
        r.UInt();
        for (var numbers = ((has & Has.Agent) != 0 ? 3 : 0) + ((has & Has.Correlation) != 0 ? 1 : 0); numbers > 0; numbers--) r.UInt();
        for (var texts = BitOperations.PopCount((uint)(has & Texts)); texts > 0; texts--) r.SkipBytes();
        if ((has & Has.Extensions) != 0) r.List(ReadExtension);
        r.SkipBytes();
    }

    private static Has FlagsOf(MeshEvent e) =>
        (e.Id is null ? 0 : Has.Id) | (e.Source is null ? 0 : Has.Source) | (e.Subject is null ? 0 : Has.Subject) | (e.Time is null ? 0 : Has.Time)
        | (e.ContentType is null ? 0 : Has.ContentType) | (e.TraceParent is null ? 0 : Has.TraceParent) | (e.Extensions.IsEmpty ? 0 : Has.Extensions)
        | (e.Agent < 0 ? 0 : Has.Agent) | (e.Correlation == 0 ? 0 : Has.Correlation);

    private static void WriteText(ByteWriter w, string? text)
    {
        if (text is not null) w.Text(text);
    }

    private static void WriteExtension(ByteWriter w, KeyValuePair<string, string> extension)
    {
        w.Text(extension.Key);
        w.Text(extension.Value);
    }

    private static KeyValuePair<string, string> ReadExtension(ByteReader r) => new(r.Text(), r.Text());
}
