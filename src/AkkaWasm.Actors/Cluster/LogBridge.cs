using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace AkkaWasm.Actors.Cluster;

/// <summary>Hands the node's loggers to the actors that Akka makes by name.</summary>
internal sealed class LogSetup(ILoggerFactory logs) : Setup
{
    public ILoggerFactory Logs => logs;
}

/// <summary>What Akka logs goes where the node logs.</summary>
internal sealed class LogBridge : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private static readonly Action<ILogger, string, Exception?>[] Writers =
        [Define(LogLevel.Debug), Define(LogLevel.Information), Define(LogLevel.Warning), Define(LogLevel.Error)];

    private readonly ILoggerFactory? logs = Context.System.Settings.Setup.Get<LogSetup>() is { HasValue: true } setup ? setup.Value.Logs : null;

    public LogBridge()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private void Write(LogEvent e)
    {
        var logger = logs?.CreateLogger("Akka." + e.LogClass.Name) ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        Writers[Math.Clamp((int)e.LogLevel(), 0, 3)](logger, $"{e.Message} [{e.LogSource}]", e.Cause);
    }

    private static Action<ILogger, string, Exception?> Define(LogLevel level) => LoggerMessage.Define<string>(level, new EventId(0, "Akka"), "{Message}");
}
