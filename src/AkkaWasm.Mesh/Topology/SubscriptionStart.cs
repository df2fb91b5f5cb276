using System.Globalization;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What says where a subscription begins. The numbers are part of the log's format.</summary>
public enum SubscriptionStartKind : byte
{
    /// <summary>With the change of the topology that adds it.</summary>
    Now = 0,

    /// <summary>With the first event that the log has.</summary>
    Beginning = 1,

    /// <summary>With the event at a position.</summary>
    Position = 2,

    /// <summary>With the first event appended at a time or later.</summary>
    Time = 3,
}

/// <summary>Where a subscription begins that a change of the topology adds: events from before the change are delivered in their order, before those after it.</summary>
/// <param name="Kind">What says it.</param>
/// <param name="Value">For <see cref="SubscriptionStartKind.Position"/> the offset, for <see cref="SubscriptionStartKind.Time"/> nanoseconds since the Unix epoch, otherwise 0.</param>
public readonly record struct SubscriptionStart(SubscriptionStartKind Kind, long Value = 0)
{
    /// <summary>Reads <c>now</c>, <c>beginning</c>, a position or a time (ISO 8601).</summary>
    /// <returns>Whether <paramref name="text"/> is one of these.</returns>
    public static bool TryParse(string text, out SubscriptionStart start)
    {
        start = default;
        if (text == "now") return true;
        if (text == "beginning") start = new(SubscriptionStartKind.Beginning);
        else if (Position.TryParse(text, out var position)) start = new(SubscriptionStartKind.Position, position.Offset);
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            start = new(SubscriptionStartKind.Time, (time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100);
        return start.Kind != SubscriptionStartKind.Now;
    }

    /// <summary>As <see cref="TryParse"/> reads it; a position as a bare offset.</summary>
    public override string ToString() => Kind switch
    {
        SubscriptionStartKind.Beginning => "beginning",
        SubscriptionStartKind.Position => Value.ToString(CultureInfo.InvariantCulture),
        SubscriptionStartKind.Time => DateTime.UnixEpoch.AddTicks(Value / 100).ToString("O", CultureInfo.InvariantCulture),
        _ => "now",
    };
}
