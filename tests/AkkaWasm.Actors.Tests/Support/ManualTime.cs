namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A clock that stands until the test moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, TaskCompletionSource<TimeSpan> Found)> waiters = [];
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until a timer is set whose wait satisfies the test.</summary>
    public Task<TimeSpan> WhenTimerIsSet(Func<TimeSpan, bool> wanted)
    {
        lock (gate)
        {
            var found = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var timer in timers)
                if (wanted(timer.Due!.Value - now)) return Task.FromResult(timer.Due.Value - now);
            waiters.Add((wanted, found));
            return found.Task;
        }
    }

    public void Advance(TimeSpan by)
    {
        ManualTimer[] due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(t => t.Due <= now).OrderBy(t => t.Due)];
            foreach (var timer in due) timers.Remove(timer);
        }
        foreach (var timer in due) timer.Fire();
    }

    private void Set(ManualTimer timer, TimeSpan wait)
    {
        lock (gate)
        {
            timers.Remove(timer);
            if (wait < TimeSpan.Zero) return;
            timer.Due = now + wait;
            timers.Add(timer);
            foreach (var waiter in waiters.Where(w => w.Wanted(wait)).ToArray())
            {
                waiters.Remove(waiter);
                waiter.Found.TrySetResult(wait);
            }
        }
        if (wait == TimeSpan.Zero) Advance(TimeSpan.Zero);
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Set(this, dueTime);
            return true;
        }

        public void Dispose() => time.Set(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
