namespace AkkaWasm.Actors;

/// <summary>How a file is divided into events.</summary>
public enum FileSourceFormat
{
    /// <summary>GeoJSON: each element of the array <c>features</c> of a FeatureCollection is an event.</summary>
    GeoJsonFeatures,

    /// <summary>Each line that is not blank is a JSON value and an event.</summary>
    JsonLines,
}

/// <summary>A source that reads a file once, in file order. Its cursor is kept in the log, so that it goes on where it was after a restart.</summary>
public sealed record FileSourceOptions
{
    /// <summary>Its name, unique among sources.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>How it is divided.</summary>
    public required FileSourceFormat Format { get; init; }

    /// <summary>Topic of its events.</summary>
    public required string Topic { get; init; }

    /// <summary>Where in an element its id stands: property names joined by dots. A string or a number.</summary>
    public string IdPath { get; init; } = "id";

    /// <summary>CloudEvents <c>source</c> of its events; null for <c>file:///</c> and the file's name without its folder.</summary>
    public string? EventSource { get; init; }

    /// <summary>Events published together; 100.</summary>
    public int BatchEvents { get; init; } = 100;

    /// <summary>Batches that may wait for their commit, and as many that may be read ahead; 8.</summary>
    public int MaxBatchesInFlight { get; init; } = 8;

    /// <summary>Most events per second, so that what is read from far back leaves room for what happens now; 0 for as many as the mesh takes, the default.</summary>
    public int MaxEventsPerSecond { get; init; }

    /// <summary>Longest element, bytes; 1 MiB.</summary>
    public int MaxElementBytes { get; init; } = 1 << 20;

    /// <summary>How often in a row it is started again after a failure before it is given up; 3.</summary>
    public int MaxRestarts { get; init; } = 3;
}
