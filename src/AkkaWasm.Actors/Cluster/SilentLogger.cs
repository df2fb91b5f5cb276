using Akka.Event;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// Stands in for the logger that Akka itself writes to standard output with before and after the configured ones run: standard output belongs to
/// the service's results.
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
