using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("ns nano nanos nanosecond nanoseconds", 200, 2L)]
    [InlineData("us micro micros microsecond microseconds", 1, 10L)]
    [InlineData("ms milli millis millisecond milliseconds", 1, TimeSpan.TicksPerMillisecond)]
    [InlineData("s second seconds", 1, TimeSpan.TicksPerSecond)]
    [InlineData("m minute minutes", 1, TimeSpan.TicksPerMinute)]
    [InlineData("h hour hours", 1, TimeSpan.TicksPerHour)]
    [InlineData("d day days", 1, TimeSpan.TicksPerDay)]
    public void A_duration_takes_every_name_of_its_unit(string names, int number, long ticks)
    {
        foreach (string name in names.Split(' '))
        {
            Assert.True(HoconUnits.TryParseDuration($" {number} {name} ", out TimeSpan spaced), name);
            Assert.True(HoconUnits.TryParseDuration($"{number}{name}", out TimeSpan tight), name);
            Assert.Equal((ticks, ticks), (spaced.Ticks, tight.Ticks));
        }
    }

    [Theory]
    [InlineData("1500", 15_000_000)]
    [InlineData("1.5", 15_000)]
    [InlineData("0.5s", 5_000_000)]
    [InlineData("-2s", -20_000_000)]
    [InlineData("+2s", 20_000_000)]
    [InlineData("1e3 ms", 10_000_000)]
    [InlineData("0", 0)]
    [InlineData("149ns", 1)]
    [InlineData("150ns", 2)]
    [InlineData("1ns", 1)]
    [InlineData("4878955355435272204ns", 48789553554352722)]
    public void A_duration_is_counted_to_the_nearest_100_nanoseconds_and_never_rounded_to_nothing(string text, long ticks)
    {
        Assert.True(HoconUnits.TryParseDuration(text, out TimeSpan duration));
        Assert.Equal(ticks, duration.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5 S")]
    [InlineData("5 MS")]
    [InlineData("5 s 3")]
    [InlineData("5 weeks")]
    [InlineData("1,000 s")]
    [InlineData("1e9 d")]
    [InlineData("79228162514264337593543950335 d")]
    [InlineData("infinite")]
    public void What_is_no_duration_is_not_guessed(string text) => Assert.False(HoconUnits.TryParseDuration(text, out _));

    [Theory]
    [InlineData("B b byte bytes", 1L)]
    [InlineData("kB kilobyte kilobytes", 1_000L)]
    [InlineData("MB megabyte megabytes", 1_000_000L)]
    [InlineData("GB gigabyte gigabytes", 1_000_000_000L)]
    [InlineData("TB terabyte terabytes", 1_000_000_000_000L)]
    [InlineData("PB petabyte petabytes", 1_000_000_000_000_000L)]
    [InlineData("EB exabyte exabytes", 1_000_000_000_000_000_000L)]
    [InlineData("K k Ki KiB kibibyte kibibytes", 1L << 10)]
    [InlineData("M m Mi MiB mebibyte mebibytes", 1L << 20)]
    [InlineData("G g Gi GiB gibibyte gibibytes", 1L << 30)]
    [InlineData("T t Ti TiB tebibyte tebibytes", 1L << 40)]
    [InlineData("P p Pi PiB pebibyte pebibytes", 1L << 50)]
    [InlineData("E e Ei EiB exbibyte exbibytes", 1L << 60)]
    public void A_size_takes_every_name_of_its_unit(string names, long bytes)
    {
        foreach (string name in names.Split(' '))
        {
            Assert.True(HoconUnits.TryParseSize($"1 {name}", out long size), name);
            Assert.Equal(bytes, size);
        }
    }

    [Theory]
    [InlineData("0.5M", 1L << 19)]
    [InlineData("1024", 1024L)]
    [InlineData("0.0000000001 YiB", 120892581961462L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_may_be_a_fraction_or_a_bare_number(string text, long bytes)
    {
        Assert.True(HoconUnits.TryParseSize(text, out long size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1 KB")]
    [InlineData("1 kb")]
    [InlineData("9223372036854775808")]
    [InlineData("1 YB")]
    [InlineData("1 ZiB")]
    [InlineData("MiB")]
    public void What_is_no_size_or_too_large_is_not_guessed(string text) => Assert.False(HoconUnits.TryParseSize(text, out _));

    [Theory]
    [InlineData("0.25", 0.25)]
    [InlineData("25%", 0.25)]
    [InlineData("25 %", 0.25)]
    [InlineData("100%", 1)]
    public void A_fraction_may_be_a_percentage(string text, double value)
    {
        Assert.True(HoconUnits.TryParseFraction(text, out double fraction));
        Assert.Equal(value, fraction);
    }
}
