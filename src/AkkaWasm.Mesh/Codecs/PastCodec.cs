using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of events from before subscriptions, in the log and in the state of a shard.</summary>
internal static class PastCodec
{
    public static void WriteRecord(ByteWriter w, PastRecord r)
    {
        w.Text(r.Definition);
        w.Int(r.ReadThrough);
        w.List(r.Deliveries, (to, d) => { to.Int(d.Agent); to.List(d.Offsets, (too, offset) => too.Int(offset)); });
    }

    public static PastRecord ReadRecord(ByteReader r) => new(r.Text(), r.Int(), r.List(from => new PastDelivery(from.Int32(), from.List(too => too.Int()))));

    /// <summary>Since version 20 of the shard's state.</summary>
    public static void WriteState(ByteWriter w, ShardState state)
    {
        w.List([.. state.Pasts.Values], (to, past) =>
        {
            to.Text(past.Definition);
            WriteTexts(to, past.Patterns);
            WriteTexts(to, past.Except);
            to.Int(past.SinceNs);
            to.Int(past.Until);
            to.Int(past.ReadThrough);
        });
        w.List(state.Undone, (to, stretch) => { to.Int(stretch.After); to.Int(stretch.Before); });
    }

    public static void ReadState(ByteReader r, ShardState state)
    {
        foreach (var past in r.List(from => new PastSubscription(from.Text(), ReadTexts(from), ReadTexts(from), from.Int(), from.Int()) { ReadThrough = from.Int() }))
        {
            state.Pasts[past.Definition] = past;
            state.CountAhead(past);
        }
        state.Undone.AddRange(r.List(from => (from.Int(), from.Int())));
    }

    private static void WriteTexts(ByteWriter w, ImmutableArray<string> texts) => w.List(texts, (to, text) => to.Text(text));

    private static ImmutableArray<string> ReadTexts(ByteReader r) => r.List(from => from.Text());
}
