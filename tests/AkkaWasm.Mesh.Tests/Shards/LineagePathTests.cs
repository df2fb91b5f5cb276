using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class LineagePathTests
{
    private static IEnumerable<LineageTurn> Turns(int count) => Enumerable.Range(0, count).Select(i => new LineageTurn(0, 1, i, 0));

    [Fact]
    public void Each_turn_is_under_the_definition_before_the_next_move_and_before_a_replay_under_that_after_it()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var turns = Turns(random.Next(12)).ToList();
            LineageMove[] moves = [.. Enumerable.Range(0, 14).Where(_ => random.Next(4) == 0).Select(input => new LineageMove(input, (MoveWay)random.Next(4), 0, Agent($"before{input}", "in")))];
            var (steps, begins) = LineagePath.Of(turns, moves, Agent("now", "in"));
            var (wanted, first) = Model(turns, moves, Agent("now", "in"));
            Assert.Equal(wanted, steps.Select(Text));
            Assert.Equal(wanted, steps.Select(Text)); // and again
            Assert.Equal(first, begins.Name);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public void However_many_turns_there_are_only_the_one_that_is_looked_at_is_held(bool moves)
    {
        var (given, taken) = (0, 0);
        var turns = Turns(10_000).Select(turn =>
        {
            given++;
            return turn;
        });
        var (steps, _) = LineagePath.Of(turns, moves ? [new LineageMove(5_000, MoveWay.Migrate, 0, Agent("before", "in"))] : [], Agent("now", "in"));
        var before = given;
        foreach (var step in steps)
        {
            Assert.Equal((long)taken++, step.Turn.Input);
            Assert.Equal(before + taken, given);
        }
        Assert.Equal(10_000, taken);
    }

    /// <summary>From the end: each move changes what is before it, and a replay what is before it for good.</summary>
    private static (List<string> Steps, string Begins) Model(List<LineageTurn> turns, LineageMove[] moves, AgentDefinition definition)
    {
        var (steps, name, free) = (new List<string>(), definition.Name, false);
        foreach (var pending in moves.Where(m => m.Input >= turns.Count)) Pass(pending);
        for (var i = turns.Count - 1; i >= 0; i--)
        {
            var move = moves.FirstOrDefault(m => m.Input == turns[i].Input);
            if (!free || move is null) steps.Insert(0, $"{turns[i].Input} {name} {(free ? null : move?.Input)} {free}");
            if (move is not null) Pass(move);
        }
        return (steps, name);

        void Pass(LineageMove move)
        {
            free |= move.Way == MoveWay.Replay;
            if (!free) name = move.From.Name;
        }
    }

    private static string Text(LineageStep step) => $"{step.Turn.Input} {step.Definition.Name} {step.Move?.Input} {step.IsFree}";
}
