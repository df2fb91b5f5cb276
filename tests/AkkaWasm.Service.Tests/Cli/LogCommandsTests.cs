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
    public async Task A_faithful_replay_is_exit_code_0()
    {
        var outcome = await RunAsync("replay", "a", "--to", "0-1-9", "--verify");

        Assert.Equal(0, outcome.Code);
        Assert.Matches("state hash +0{31}5", outcome.Out);
        Assert.Equal(("a", 9L, true), log.Replayed);
    }

    [Fact]
    public async Task A_replay_that_diverges_is_exit_code_1()
    {
        log.Divergence = new ReplayDivergence(4, "The state is another.");

        var text = await RunAsync("replay", "a");
        var json = await RunAsync("replay", "a", "--output", "json");

        Assert.Equal((1, $"error: at 4 the replay went another way: The state is another{Environment.NewLine}"), (text.Code, text.Error));
        Assert.Equal(1, json.Code);
        Assert.Equal(4, JsonDocument.Parse(json.Out).RootElement.GetProperty("divergence").GetProperty("input").GetInt32());
    }

    [Fact]
    public async Task A_replay_of_nobody_is_exit_code_1() => Assert.Equal(1, (await RunAsync("replay", "nobody")).Code);

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused() =>
        Assert.Equal(
            new Outcome(2, "", $"error: the data folder '/no/such' is not there; serve the mesh first, or say another one{Environment.NewLine}"),
            await Terminal.RunAsync("log", "verify", "--data", "/no/such"));

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));

    private sealed class FakeLog : IOfflineLog
    {
        public IReadOnlyList<LogEntry> Entries { get; } = MakeEntries();

        public Exception? Failure { get; set; }

        public LogVerification Verification { get; set; } = new(1, 2, null, []);

        public ReplayDivergence? Divergence { get; set; }

        public (string Agent, long? To, bool Verify) Replayed { get; private set; }

        public LogVerification Verify(CancellationToken cancellation = default) => Verification;

        public IEnumerable<LogEntry> Records(long from = 0, long to = long.MaxValue) =>
            Failure is null ? Entries.Where(entry => entry.Position.Offset >= from && entry.Position.Offset <= to) : throw Failure;

        public ReplayReport? ReplayAgent(string agent, long? to = null, bool verify = true, CancellationToken cancellation = default)
        {
            Replayed = (agent, to, verify);
            return agent == "a" ? new ReplayReport("a", 1, 7, 1, 2, 4, new StateHash(5), Divergence, [new SkippedTurn(3, "It failed.")]) : null;
        }

        public void Dispose()
        {
        }

        private static LogEntry[] MakeEntries()
        {
            var quake = new MeshEvent { Topic = "quake.x", Id = "1", Source = "/s", Data = Encoding.UTF8.GetBytes("{\"n\":1}") };
            (LogRecord Record, string? Agent)[] records =
            [
                (new EpochRecord(1, 0, "test"), null),
                (new TopologyRecord(new MeshTopology("m", SupervisionPolicy.Default, [], [])), null),
                (new EventRecord(quake), null),
                (new TurnRecord { Agent = 0, Incarnation = 1, Input = 2, Attempt = 2, Fault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.") }, "a"),
                (new AgentRecord(1, AgentChange.Born, "b", "b", null, 1), "b"),
                (new HealingRecord(0, 2, HealingDirective.Resume, "g", 0, [0], true, 0, 0, 0), "a"),
                (new HealedRecord(1), "b"),
                (new TimerRecord(9, 1, 0, 2, 1, "t", default, false), "b"),
                (new TimerCancelledRecord(9, 1), "b"),
                (new CursorRecord("week", default), null),
                (new ImageRecord(1, 1, 2, new StateHash(1)), "b"),
                (new QuarantineRecord(1, 2, true), "b"),
                (new WatchRecord(1, "c"), "b"),
            ];
            return [.. records.Select((r, i) => new LogEntry(new Position(0, 1, i), r.Record, r.Record is EventRecord ? "1" : null, r.Record is EventRecord ? "/s" : null, r.Agent))];
        }
    }
}
