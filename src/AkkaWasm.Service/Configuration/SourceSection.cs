using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads sources.</summary>
internal static class SourceSection
{
    private const int MinElementBytes = 1 << 10;

    /// <summary>A source. Whether path and topic are there is checked by <see cref="Check"/>, so that the defaults can be read too.</summary>
    public static FileSourceOptions Read(string name, HoconCursor section, ConfigurationTree tree)
    {
        section.At("type").Choice(("file", true));
        return new FileSourceOptions
        {
            Name = name,
            Path = section.Find("path") is { } path ? tree.FullPath(path) : "",
            Format = section.At("format").Choice(("geojson", FileSourceFormat.GeoJsonFeatures), ("json-lines", FileSourceFormat.JsonLines)),
            Topic = section.Find("topic") is { } topic ? ReadTopic(topic) : "",
            IdPath = section.At("id").AsString(),
            EventSource = section.Find("source")?.AsString(),
            BatchEvents = section.At("batch-size").Count(),
            MaxBatchesInFlight = section.At("max-batches-in-flight").Count(),
            MaxEventsPerSecond = section.At("max-events-per-second").Count(0),
            MaxElementBytes = section.At("max-element-bytes").SmallSize(MinElementBytes),
            MaxRestarts = section.At("max-restarts").Count(0),
        };
    }

    /// <summary>A source that says what it must and whose file is there.</summary>
    /// <exception cref="HoconException">It does not, or is not.</exception>
    public static FileSourceOptions Check(FileSourceOptions source, HoconCursor section)
    {
        if (!TopicName.IsToken(source.Name))
            throw new HoconException($"'{source.Name}' cannot name a source", section.KeyOrigin, "use letters, digits, '-' and '_'");
        foreach (var key in new[] { "path", "topic" })
            if (section.Find(key) is null)
                throw new HoconException($"the source '{source.Name}' says no {key}", section.KeyOrigin, $"add {key} = …");
        if (!File.Exists(source.Path))
            throw new HoconException($"the file '{section.At("path").AsString()}' of the source '{source.Name}' is not there", section.At("path").Origin, $"it was looked for as {source.Path}");
        return source;
    }

    private static string ReadTopic(HoconCursor setting)
    {
        var topic = setting.AsString();
        if (TopicName.Check(topic) is { } problem) throw SettingBounds.Refused(setting, $"is no topic: {problem}", "write tokens joined by dots");
        return TopicName.IsReserved(topic)
            ? throw SettingBounds.Refused(setting, $"is '{topic}', and topics that begin with 'mesh.' belong to the mesh", "choose another topic")
            : topic;
    }
}
