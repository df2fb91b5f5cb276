using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>Keeps what is logged, and lets a test wait for a line.</summary>
internal sealed class LogCatcher : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> awaited = new();

    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>Ends when a line has come that contains a text.</summary>
    public Task WhenLogged(string text)
    {
        var found = awaited.GetOrAdd(text, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (lines.Any(line => line.Contains(text, StringComparison.Ordinal))) found.TrySetResult();
        return found.Task;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{formatter(state, exception)} {exception}";
        lines.Enqueue(line);
        foreach (var (text, found) in awaited)
            if (line.Contains(text, StringComparison.Ordinal)) found.TrySetResult();
    }

    public void Dispose()
    {
    }
}
