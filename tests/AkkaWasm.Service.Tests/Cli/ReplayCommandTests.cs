using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeLog log = new();

    public void Dispose() => folder.Dispose();

    private Task<Outcome> RunAsync(params string[] args) => RunAsync("", context => context, args);

    private Task<Outcome> RunAsync(string input, Func<CliContext, CliContext> change, params string[] args) =>
        Terminal.RunAsync([.. args, "--data", folder.Path], input, context => change(context with { OpenLog = _ => log }));

    [Fact]
    public async Task A_faithful_verification_is_exit_code_0()
    {
        var outcome = await RunAsync("replay", "a", "--to", "0-1-9", "--verify");

        Assert.Equal(0, outcome.Code);
        Assert.Matches("state hash +0{31}5", outcome.Out);
        Assert.Equal(("a", 9L, true), log.Replayed);
    }

    [Fact]
    public async Task A_verification_that_diverges_is_exit_code_1()
    {
        log.Divergence = new ReplayDivergence(4, "The state is another.");

        var text = await RunAsync("replay", "a", "--verify");
        var json = await RunAsync("replay", "a", "--verify", "--output", "json");
        var all = await RunAsync("replay", "--all", "--verify", "--output", "json");

        Assert.Equal((1, $"error: at 4 the replay went another way: The state is another{Environment.NewLine}"), (text.Code, text.Error));
        Assert.Equal((1, 1), (json.Code, all.Code));
        Assert.Equal(4, JsonDocument.Parse(json.Out).RootElement.GetProperty("divergence").GetProperty("input").GetInt32());
        Assert.Equal(2, JsonDocument.Parse(all.Out).RootElement.GetProperty("agents").GetArrayLength());
    }

    [Fact]
    public async Task All_agents_are_verified_with_a_row_each()
    {
        var outcome = await RunAsync("replay", "--all", "--verify");

        Assert.Equal(0, outcome.Code);
        Assert.Matches(@"(?m)^b +1 +7 +1 +2 +1 +0{31}5", outcome.Out);
        Assert.Contains("not run again: a, 3, It failed.", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("2 agents, 14 turns and 2 failures run again as recorded, 0 agents diverge", outcome.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay", "nobody")]
    [InlineData("replay", "nobody", "--verify")]
    [InlineData("replay", "nobody", "--step")]
    [InlineData("replay", "nobody", "--diff", "1", "2")]
    public async Task A_replay_of_nobody_is_exit_code_1(params string[] args)
    {
        var outcome = await RunAsync(args);
        Assert.Equal((1, $"error: the log has no agent 'nobody'; see akkawasm log show for those it has{Environment.NewLine}"), (outcome.Code, outcome.Error));
    }

    [Theory]
    [InlineData("error: --verify and --step cannot be had at once; say one of them", "replay", "a", "--verify", "--step")]
    [InlineData("error: --all stands beside --verify and takes the place of an agent's name", "replay", "a", "--all", "--verify")]
    [InlineData("error: no agent is named; name one, or say --all --verify", "replay")]
    [InlineData("error: the file '/no/such' of --module cannot be read: ", "replay", "a", "--module", "/no/such")]
    [InlineData("error: --diff must be a position but is 'x'; write one as 0-1-1707, or an offset", "replay", "a", "--diff", "1", "x")]
    public async Task What_makes_no_sense_is_refused(string error, params string[] args)
    {
        var outcome = await RunAsync(args);
        Assert.Equal(2, outcome.Code);
        Assert.StartsWith(error, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moment_is_shown_and_dumped()
    {
        log.Moment = Moment(7);
        var file = Path.Combine(folder.Path, "state.image");

        var outcome = await RunAsync("replay", "a", "--to", "9", "--dump", file);
        var json = JsonDocument.Parse((await RunAsync("replay", "a", "--output", "json")).Out).RootElement;

        Assert.Equal(0, outcome.Code);
        Assert.Matches("memory memory +65536 bytes, 4096 of them in pages with contents", outcome.Out);
        Assert.Matches(@"global count +7 \(i32\)", outcome.Out);
        Assert.Matches("rebuilt from +the image after 5", outcome.Out);
        Assert.Equal(7, AgentImage.FromBytes(File.ReadAllBytes(file)).Input);
        Assert.Equal("7", json.GetProperty("state").GetProperty("globals")[0].GetProperty("value").GetString());
        Assert.Equal("a at ", log.Asked);
    }

    [Fact]
    public async Task Steps_are_listed_with_what_they_changed()
    {
        log.StepsThere = Steps();

        var outcome = await RunAsync("replay", "a", "--step");

        Assert.Equal(0, outcome.Code);
        Assert.Equal(Listing, outcome.Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Steps_as_json_are_one_a_line()
    {
        log.StepsThere = Steps();

        var outcome = await RunAsync("replay", "a", "--step", "--from", "0-1-4", "--output", "json");

        var step = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal((2, "trap"), (step.GetProperty("number").GetInt32(), step.GetProperty("fault").GetProperty("kind").GetString()));
        log.StepsThere = Steps();
        var first = JsonDocument.Parse((await RunAsync("replay", "a", "--step", "--to", "3", "--output", "json")).Out).RootElement;
        var run = first.GetProperty("changes").GetProperty("memories")[0].GetProperty("runs")[0];
        Assert.Equal((4096, "0000000000", "6869000001"), (run.GetProperty("address").GetInt32(), run.GetProperty("before").GetString(), run.GetProperty("after").GetString()));
    }

    [Fact]
    public async Task At_a_terminal_steps_are_asked_for()
    {
        log.StepsThere = Steps();

        var outcome = await RunAsync("n\nn\np\nj 0-1-4\nj x\nwhat\nq\n", context => context with { IsInTerminal = true, IsOutTerminal = true }, "replay", "a", "--step");

        var shown = outcome.Out.Split('\n').Where(line => line.StartsWith('#') || line.StartsWith("> #", StringComparison.Ordinal)).Select(line => line.TrimStart('>', ' ')[..2]);
        Assert.Equal(["#1", "#2", "#1", "#2"], shown);
        Assert.Contains("> there are no more turns", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("> a position is written as 0-1-1707, or as an offset", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Out.Split("n next, p previous, j POSITION jump").Length - 1);
    }

    [Fact]
    public async Task A_step_that_diverges_is_exit_code_1()
    {
        log.StepsThere = [Steps()[0] with { Divergence = "its outputs have digest 1, recorded is 2" }];

        var outcome = await RunAsync("replay", "a", "--step");

        Assert.Equal(1, outcome.Code);
        Assert.Contains("  DIVERGES its outputs have digest 1, recorded is 2", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_moments_are_compared()
    {
        log.Comparison = new MomentComparison(Moment(3), Moment(7), Steps()[0].Changes);

        var outcome = await RunAsync("replay", "a", "--diff", "3", "7");

        Assert.Equal((0, "a 3 7"), (outcome.Code, log.Asked));
        Assert.Matches("last input +3 +7", outcome.Out);
        Assert.Contains("  global count  3 → 4", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_says_by_its_exit_code_whether_both_do_the_same()
    {
        var fault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.");
        var (was, becomes) = (new TrialOutcome(fault, [], 0, 65536), new TrialOutcome(null, Steps()[0].Outputs, 0, 65536));
        log.Trial = new TrialReport(
            "a", new string('b', 64), new string('a', 64), 5, 1, [new TrialTurn(Steps()[0].Input, 1, was, becomes)], new TrialTotals(4, 1, 3, 0, 65536), new TrialTotals(5, 0, 4, 0, 65536));
        var module = Path.Combine(folder.Path, "other.wasm");
        File.WriteAllText(module, "12345");

        var differs = await RunAsync("replay", "a", "--module", module);
        log.Trial = log.Trial with { Differing = 0, Details = [] };
        var same = await RunAsync("replay", "a", "--module", module, "--output", "json");

        Assert.Equal((1, 0, "a module 5 config "), (differs.Code, same.Code, log.Asked));
        Assert.Contains("  recorded  failed trap/unreachable: It trapped.", differs.Out, StringComparison.Ordinal);
        Assert.Contains("  tried     out      publish out.count 4", differs.Out, StringComparison.Ordinal);
        Assert.EndsWith($"1 of 5 turns differ{Environment.NewLine}", differs.Out, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(same.Out).RootElement.GetProperty("identical").GetBoolean());
    }

    private const string Listing = """
        #1  event 0-1-3 in.a  turn 8, incarnation 1
          in       plain
          out      publish out.count 4
          log      information: counted
          fuel     12
          hash     00000000000000000000000000000009
          memory memory: 1 page changed
            00001000  - 00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
                      + 68 69 00 00 01 00 00 00  00 00 00 00 00 00 00 00  |hi..............|
                        ^^ ^^       ^^
          global count  3 → 4
          table t: 1 element changed, 1 → 2 elements
            [1] = func $f
          objects: 1 changed, 0 new, 0 gone
            point #3 (now #2) changed
              field 0  1 → 2
        #2  event 0-1-4 in.b  turn 9, incarnation 1, attempt 2
          in       3 bytes
          failed   trap/unreachable: It trapped.
                     at f
          not run  It failed for a reason of the host.

        """;

    private static ReplayStep[] Steps()
    {
        var after = new byte[4096];
        Encoding.ASCII.GetBytes("hi").CopyTo(after, 0);
        after[4] = 1;
        return
        [
            new ReplayStep
            {
                Number = 1, Turn = 8, Incarnation = 1, Attempt = 1, Input = Input(3, "in.a", "plain"u8.ToArray()), Fuel = 12, Hash = new StateHash(9),
                Outputs = [new EventEmitted(new MeshEvent { Topic = "out.count", Data = "4"u8.ToArray(), Origin = EventOrigin.Emitted }), new LineLogged(2, "counted")],
                Changes = new StateDifference
                {
                    Memories = [new MemoryChange("memory", 65536, 65536, 1, [new PageChange(4096, default, after)])],
                    Globals = [new ValueChange("count", "3", "4")],
                    Tables = [new TableChange("t", 1, 2, 1, [new ValueChange("[1]", null, "func $f")])],
                    Objects = [new ObjectChange("point", 3, 2, [new ValueChange("field 0", "1", "2")])],
                    ObjectCounts = (1, 0, 0),
                },
            },
            new ReplayStep
            {
                Number = 2, Turn = 9, Incarnation = 1, Attempt = 2, Input = Input(4, "in.b", new byte[] { 0xff, 0xfe, 0xfd }),
                Fault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.", ["f"]), NotRun = "It failed for a reason of the host.",
            },
        ];
    }

    private static CommittedEvent Input(long offset, string topic, byte[] data) => new(new Position(0, 1, offset), $"e{offset}", "/tests", new MeshEvent { Topic = topic, Data = data });

    private static AgentMoment Moment(long input) => new()
    {
        Agent = "a", Definition = "a", Incarnation = 1, LastInput = input, LastTurn = input + 1, Turns = 3, Failures = 1, FromImage = 5, Hash = new StateHash(9),
        Image = new AgentImage("a", 1, input, 3, new StateHash(9), (ReadOnlyMemory<byte>)new byte[] { 1 }),
        State = new StateSummary([new MemorySummary("memory", 65536, 4096)], [new NamedValue("count", "i32", $"{input}")], [], [], []),
    };
}
