using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class LogCommandsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeLog log = new();

    public void Dispose() => folder.Dispose();

    private Task<Outcome> RunAsync(params string[] args) =>
        Terminal.RunAsync([.. args, "--data", folder.Path], change: context => context with { OpenLog = _ => log });

    [Fact]
    public async Task Show_prints_every_kind_of_record_on_a_line()
    {
        var kinds = typeof(LogRecord).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LogRecord)));

        var shown = await RunAsync("log", "show");

        Assert.Equal(0, shown.Code);
        Assert.Equal(kinds.Order(ByName), log.Entries.Select(entry => entry.Record.GetType()).Distinct().Order(ByName));
        Assert.Equal(log.Entries.Count, shown.Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("0-1-3  turn       a input=2 attempt=2 fault=trap/unreachable message=It trapped.", shown.Out, StringComparison.Ordinal);
        Assert.Contains("0-1-2  event      topic=quake.x data={\"n\":1}", shown.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_prints_every_kind_of_record_as_an_object()
    {
        var lines = (await RunAsync("log", "show", "--output", "json")).Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        var objects = lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(log.Entries.Select(entry => entry.Position.ToString()), objects.Select(o => o.GetProperty("position").GetString()));
        Assert.Equal("quake.x", objects[2].GetProperty("event").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("0-1-2", "--topic", "quake.>")]
    [InlineData("", "--topic", "other")]
    [InlineData("0-1-3 0-1-5", "--agent", "a")]
    [InlineData("0-1-1 0-1-2", "--from", "1", "--to", "0-1-2")]
    public async Task Show_picks_what_is_wanted(string positions, params string[] options)
    {
        var shown = await RunAsync(["log", "show", .. options]);

        Assert.Equal(positions, string.Join(' ', shown.Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0])));
    }

    [Fact]
    public async Task A_position_that_is_none_is_refused() =>
        Assert.Equal(
            new Outcome(2, "", $"error: --from must be a position but is 'soon'; write one as 0-1-1707, or an offset{Environment.NewLine}"), await RunAsync("log", "show", "--from", "soon"));

    [Fact]
    public async Task A_log_that_is_corrupt_is_exit_code_4()
    {
        log.Failure = new LogCorruptException("The block at offset 7 is damaged.", 7);

        Assert.Equal(new Outcome(4, "", $"error: the block at offset 7 is damaged{Environment.NewLine}"), await RunAsync("log", "show"));
    }

    [Fact]
    public async Task Verify_says_where_the_log_is_damaged()
    {
        log.Verification = new LogVerification(3, 40, new Position(0, 1, 39), [new LogFlaw(40, 4, "The block in row 4 is damaged.")]);

        Assert.Equal(
            new Outcome(
                1, $"{folder.Path}: 3 sound blocks with 40 records, the last one at 0-1-39; 1 flaws{Environment.NewLine}", $"error: the block in row 4 is damaged{Environment.NewLine}"),
            await RunAsync("log", "verify"));
        using var json = JsonDocument.Parse((await RunAsync("log", "verify", "--output", "json")).Out);
        Assert.False(json.RootElement.GetProperty("sound").GetBoolean());
        Assert.Equal(40, json.RootElement.GetProperty("flaws")[0].GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task Verify_of_a_sound_log_is_exit_code_0()
    {
        var outcome = await RunAsync("log", "verify");

        Assert.Equal(new Outcome(0, $"{folder.Path}: 1 sound blocks with 2 records; nothing is wrong{Environment.NewLine}", ""), outcome);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused() =>
        Assert.Equal(
            new Outcome(2, "", $"error: the data folder '/no/such' is not there; serve the mesh first, or say another one{Environment.NewLine}"),
            await Terminal.RunAsync("log", "verify", "--data", "/no/such"));

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));
}
