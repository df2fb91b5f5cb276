using AkkaWasm.Actors.Guests;

namespace AkkaWasm.Actors.Tests.Guests;

public sealed class EpochTickerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData(0, 4, 0, 0)]
    [InlineData(0, 5, 1, 1)]
    [InlineData(3, 16, 0, 3)]
    [InlineData(3, 31, 3, 6)]
    [InlineData(3, 1_000_000, 10, 200_000)]
    public void Ticks_that_were_slept_through_are_made_up_for_within_bounds(long before, int elapsedMs, int due, long after)
    {
        var done = before;
        Assert.Equal(due, EpochTicker.Due(TimeSpan.FromMilliseconds(elapsedMs), Interval, ref done));
        Assert.Equal(after, done);
    }

    [Fact]
    public void It_ticks_until_it_is_disposed()
    {
        using var ticks = new CountdownEvent(5);
        using (new EpochTicker(TimeSpan.FromMilliseconds(1), () => { if (!ticks.IsSet) ticks.Signal(); })) ticks.Wait();
    }
}
