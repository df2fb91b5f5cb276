using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Http;

/// <summary>Takes the attributes of one event, in whatever form they came, and checks each as CloudEvents 1.0 says.</summary>
/// <param name="index">Which event of a batch, from 0; for messages.</param>
internal sealed partial class CloudEventBuilder(int index)
{
    private const string SpecVersion = "1.0";

    /// <summary>The attributes of the specification: which values they may have, and what is said of others.</summary>
    private static readonly Dictionary<string, (Func<string, bool> IsLegal, string Wanted)> Attributes = new(StringComparer.Ordinal)
    {
        ["specversion"] = (value => value == SpecVersion, $"must be {SpecVersion}, the only version that is served"),
        ["id"] = (NotEmpty, "must not be empty"),
        ["source"] = (UriText.IsReference, "must be a URI or a relative reference, as /sensors/7"),
        ["type"] = (NotEmpty, "must not be empty; it is the topic"),
        ["subject"] = (NotEmpty, "must not be empty; leave it out instead"),
        ["time"] = (IsTime, "must be a time of RFC 3339, as 2026-01-31T12:00:00Z"),
        ["datacontenttype"] = (value => MediaTypeHeaderValue.TryParse(value, out _), "must be a media type, as application/json"),
        ["dataschema"] = (UriText.IsAbsolute, "must be an absolute URI"),
    };

    private static readonly string[] Required = ["specversion", "id", "source", "type"];

    private readonly Dictionary<string, string> core = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, string>> extensions = [];

    /// <summary>The media type of the data, as far as it is known.</summary>
    public string? ContentType => core.GetValueOrDefault("datacontenttype");

    /// <summary>Whether a name is one that the specification gives a type, so that JSON must carry it as a string.</summary>
    public static bool IsCore(string name) => Attributes.ContainsKey(name);

    /// <summary>Takes an attribute.</summary>
    /// <exception cref="CloudEventException">Its name or value is not legal, or it came before.</exception>
    public void Set(string name, string value)
    {
        if (!LegalName().IsMatch(name)) throw Refused(name, $"has the attribute '{name}'; names of attributes are lower-case letters and digits");
        if (core.ContainsKey(name) || extensions.Exists(e => e.Key == name)) throw Refused(name, $"has the attribute {name} twice; keep one of them");
        if (value.Any(char.IsControl)) throw Refused(name, $"has control characters in the attribute {name}; put such content into the data");
        if (!Attributes.TryGetValue(name, out var rule)) extensions.Add(new(name, value));
        else if (!rule.IsLegal(value)) throw Refused(name, $"has the {name} '{Shorten(value)}', which {rule.Wanted}");
        else core[name] = value;
    }

    /// <summary>The event.</summary>
    /// <exception cref="CloudEventException">A required attribute is missing.</exception>
    public MeshEvent Build(ReadOnlyMemory<byte> data)
    {
        foreach (var name in Required)
            if (!core.ContainsKey(name)) throw Refused(name, $"has no {name}; CloudEvents needs {string.Join(", ", Required)}");
        var further = extensions.Where(e => e.Key != "traceparent");
        return new MeshEvent
        {
            Topic = core["type"],
            Id = core["id"],
            Source = core["source"],
            Subject = core.GetValueOrDefault("subject"),
            Time = core.GetValueOrDefault("time"),
            ContentType = ContentType,
            TraceParent = extensions.Find(e => e.Key == "traceparent").Value,
            Extensions = [.. core.TryGetValue("dataschema", out var schema) ? further.Prepend(new("dataschema", schema)) : further],
            Data = data,
            Origin = EventOrigin.External,
        };
    }

    /// <summary>Refuses the event.</summary>
    /// <param name="attribute">The attribute that is wrong, or null.</param>
    /// <param name="what">What is wrong and what to do, following "The event".</param>
    public CloudEventException Refused(string? attribute, string what)
    {
        var name = core.TryGetValue("id", out var id) ? $"'{Shorten(id)}' (number {index + 1})" : $"number {index + 1}";
        return new CloudEventException($"The event {name} {what}.", attribute, index);
    }

    private static bool NotEmpty(string value) => value.Length > 0;

    private static bool IsTime(string value) =>
        Rfc3339().IsMatch(value) && DateTimeOffset.TryParse(value.Replace(":60", ":59", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static string Shorten(string value) => value.Length <= 60 ? value : value[..57] + "...";

    [GeneratedRegex("^[a-z0-9]+$")]
    private static partial Regex LegalName();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$")]
    private static partial Regex Rfc3339();
}
