using AkkaWasm.Service.Hocon;
using Serilog.Events;

namespace AkkaWasm.Service.Configuration;

/// <summary>How logs are written.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For machines: one JSON object a line.</summary>
    Json,
}

/// <summary>What is logged and how.</summary>
internal sealed record LogOptions(LogEventLevel Level, LogFormat Format)
{
    /// <exception cref="HoconException">A value is not possible.</exception>
    public static LogOptions Read(HoconCursor section) =>
        new(section.At("level").AsEnum<LogEventLevel>(), section.At("format").AsEnum<LogFormat>());
}
