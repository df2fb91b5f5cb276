using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// Moves an engine's epoch on, so that turns past their deadline are interrupted. It keeps its pace when all processors are busy: its thread goes before
/// others where the system allows that, and ticks that it slept through are made up for.
/// </summary>
internal sealed partial class EpochTicker : IDisposable
{
    /// <summary>Ticks that are made up for at most: a process that was stopped for a while shall not find all its turns late.</summary>
    private const int MaxTicksAtOnce = 10;

    private const int OneThread = 0;
    private const int Niceness = -10;

    private readonly ManualResetEventSlim stopping = new();
    private readonly TimeSpan interval;
    private readonly Action tick;
    private readonly Action<Exception>? onFailure;
    private readonly Thread thread;

    /// <param name="interval">Time between two ticks.</param>
    /// <param name="tick">The tick. If it throws, the next one comes nevertheless.</param>
    /// <param name="onFailure">Called with what it throws.</param>
    public EpochTicker(TimeSpan interval, Action tick, Action<Exception>? onFailure = null)
    {
        this.interval = interval;
        this.tick = tick;
        this.onFailure = onFailure;
        thread = new Thread(Run) { IsBackground = true, Name = "guest-epoch", Priority = ThreadPriority.Highest };
        thread.Start();
    }

    public void Dispose()
    {
        stopping.Set();
        thread.Join();
        stopping.Dispose();
    }

    /// <summary>How many ticks are due.</summary>
    /// <param name="elapsed">Time since the first.</param>
    /// <param name="interval">Time between two.</param>
    /// <param name="done">Ticks so far; afterwards those up to now, whether they were made or given up.</param>
    internal static int Due(TimeSpan elapsed, TimeSpan interval, ref long done)
    {
        var now = elapsed.Ticks / interval.Ticks;
        var due = now - done;
        done = Math.Max(now, done);
        return (int)Math.Clamp(due, 0, MaxTicksAtOnce);
    }

    private void Run()
    {
        GoFirst();
        var begun = Stopwatch.GetTimestamp();
        var done = 0L;
        while (!stopping.Wait(UntilNext(Stopwatch.GetElapsedTime(begun), done)))
            for (var due = Due(Stopwatch.GetElapsedTime(begun), interval, ref done); due > 0; due--) Tick();
    }

    /// <summary>An exception that left the thread would end the process, and without ticks no turn would be late any more.</summary>
    private void Tick()
    {
        try
        {
            tick();
        }
        catch (Exception e)
        {
            onFailure?.Invoke(e);
        }
    }

    private TimeSpan UntilNext(TimeSpan elapsed, long done)
    {
        var wait = interval * (done + 1) - elapsed;
        return wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero;
    }

    /// <summary>On Linux .NET does nothing with a thread's priority; the system lets those do it who may.</summary>
    private static void GoFirst()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(OneThread, 0, Niceness);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int value);
}
