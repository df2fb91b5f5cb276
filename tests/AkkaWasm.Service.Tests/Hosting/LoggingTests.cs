using System.Text.Json;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Events;

namespace AkkaWasm.Service.Tests.Hosting;

public sealed class LoggingTests
{
    private static string Written(LogOptions options, string category, Action<ILogger> write)
    {
        var text = new StringWriter();
        using (var logging = new Logging(options, text)) write(logging.Factory.CreateLogger(category));
        return text.ToString();
    }

    [Fact]
    public void Json_logs_are_one_object_a_line()
    {
        var line = Written(new LogOptions(LogEventLevel.Information, LogFormat.Json), "AkkaWasm.Service", log => log.Serving("m", "http://x/", "/data", 7));

        using var json = JsonDocument.Parse(line);
        Assert.Equal("m", json.RootElement.GetProperty("Mesh").GetString());
        Assert.Equal("AkkaWasm.Service", json.RootElement.GetProperty("SourceContext").GetString());
    }

    [Fact]
    public void Text_logs_say_level_and_category() =>
        Assert.Matches(@"^\d{4}-\d\d-\d\d .* INF AkkaWasm.Service: Mesh m serves on http://x/, data in /data, process 7\n$", Written(new LogOptions(LogEventLevel.Information, LogFormat.Text), "AkkaWasm.Service", log => log.Serving("m", "http://x/", "/data", 7)));

    [Theory]
    [InlineData(LogEventLevel.Information, "AkkaWasm.Shard", true)]
    [InlineData(LogEventLevel.Warning, "AkkaWasm.Shard", false)]
    [InlineData(LogEventLevel.Information, "Akka.Cluster", false)]
    [InlineData(LogEventLevel.Information, "Microsoft.AspNetCore", false)]
    [InlineData(LogEventLevel.Debug, "Akka.Cluster", true)]
    public void Libraries_are_quiet_unless_everything_is_wanted(LogEventLevel level, string category, bool isWritten) =>
        Assert.Equal(isWritten, Written(new LogOptions(level, LogFormat.Text), category, log => log.Drained()).Length > 0);
}
