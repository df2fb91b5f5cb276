using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>What is in a log as JSON, over HTTP and on the command line alike.</summary>
internal static class LogStatisticsJson
{
    public static void Write(Utf8JsonWriter json, LogStatistics found)
    {
        json.WriteStartObject();
        if (found.First is { } first) json.WriteString("first", first.ToString());
        if (found.Last is { } last) json.WriteString("last", last.ToString());
        if (found.First is not null) json.WriteString("first_at", At(found.FirstAtNs));
        if (found.First is not null) json.WriteString("last_at", At(found.LastAtNs));
        foreach (var (name, value) in Numbers(found)) json.WriteNumber(name, value);
        json.WriteBoolean("held", found.IsHeld);
        json.WriteStartObject("records_by_kind");
        foreach (var (kind, count) in found.RecordsByKind) json.WriteNumber(kind, count);
        json.WriteEndObject();
        json.WriteStartObject("busiest_topics");
        foreach (var (topic, count) in found.BusiestTopics) json.WriteNumber(topic, count);
        json.WriteEndObject();
        json.WriteList("holds", found.Holds, hold => Write(json, hold));
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, LogHold hold)
    {
        json.WriteStartObject();
        json.WriteNumber("from", hold.From);
        json.WriteString("agent", hold.Agent);
        json.WriteString("reason", Words(hold.Reason));
        json.WriteEndObject();
    }

    /// <summary>Why a part of the log is needed, said of an agent.</summary>
    public static string Words(LogHoldReason reason) => reason switch
    {
        LogHoldReason.Waiting => "has not handled it yet",
        LogHoldReason.Quarantined => "it is in quarantine",
        LogHoldReason.AfterImage => "has handled it since its newest snapshot",
        LogHoldReason.AfterOlderImage => "has handled it since an older snapshot that is kept",
        LogHoldReason.FirstTurn => "has no snapshot and is rebuilt from its first turn",
        LogHoldReason.Watched => "was changed, is watched, and its agents may have to go back",
        LogHoldReason.Subscription => "subscribed from a position before, and is brought what came since",
        LogHoldReason.Timer => "has set a timer or request in the turn on it",
        _ => "is being healed after it",
    };

    private static (string Name, long Value)[] Numbers(LogStatistics found) =>
    [
        ("blocks", found.Blocks), ("block_bytes", found.BlockBytes), ("records", found.Records), ("topics", found.Topics), ("agents", found.Agents),
        ("stopped_agents", found.StoppedAgents), ("snapshots", found.Images), ("snapshot_bytes", found.ImageBytes), ("pages", found.Parts), ("page_bytes", found.PartBytes),
        ("saved_states", found.States), ("saved_state_bytes", found.StateBytes), ("removed_blocks", found.Beginning.Row), ("removable_blocks", found.RemovableBlocks),
        ("removable_bytes", found.RemovableBytes), ("needed_from", found.NeededFrom), ("hold_count", found.HoldCount),
    ];

    private static string At(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
