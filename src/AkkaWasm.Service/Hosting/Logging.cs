using AkkaWasm.Service.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace AkkaWasm.Service.Hosting;

/// <summary>
/// Logs of the process: Serilog, to one stream of text, for the service, the node, its guests, Akka and the web server alike. What the
/// libraries say of their own ways is left out below warnings, unless everything is wanted.
/// </summary>
internal sealed class Logging : IDisposable
{
    private const string TextTemplate = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";

    private readonly LoggingLevelSwitch level;
    private readonly Logger logger;
    private readonly LogEventLevel configured;

    public Logging(LogOptions options, TextWriter to)
    {
        configured = options.Level;
        level = new LoggingLevelSwitch(configured);
        logger = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(level)
            .MinimumLevel.Override("Akka", OfLibraries)
            .MinimumLevel.Override("Microsoft", OfLibraries)
            // What it says of a failed start, the process says better itself.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .MinimumLevel.Override("OpenTelemetry", OfLibraries)
            .Enrich.FromLogContext()
            .WriteTo.Sink(new WriterSink(to, options.Format == LogFormat.Json ? new CompactJsonFormatter() : new MessageTemplateTextFormatter(TextTemplate)))
            .CreateLogger();
        Factory = new SerilogLoggerFactory(logger);
    }

    public ILoggerFactory Factory { get; }

    /// <summary>Whether only errors are written for a while, because something else is shown on the terminal.</summary>
    public bool Quiet
    {
        set => level.MinimumLevel = value ? Max(configured, LogEventLevel.Error) : configured;
    }

    public void Dispose()
    {
        Factory.Dispose();
        logger.Dispose();
    }

    private LogEventLevel OfLibraries => configured <= LogEventLevel.Debug ? configured : Max(configured, LogEventLevel.Warning);

    private static LogEventLevel Max(LogEventLevel a, LogEventLevel b) => a > b ? a : b;

    private sealed class WriterSink(TextWriter to, ITextFormatter formatter) : ILogEventSink
    {
        private readonly Lock writing = new();

        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            formatter.Format(logEvent, text);
            lock (writing)
            {
                to.Write(text.ToString());
                to.Flush();
            }
        }
    }
}
