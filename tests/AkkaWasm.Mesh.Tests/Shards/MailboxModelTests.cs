using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using FsCheck;
using FsCheck.Fluent;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>
/// The mailbox of one agent against the simplest model of it, a list: whatever is published, scheduled, taken back and waited for, the agent handles the
/// same events in the same order, is never given more than its window, and a timer that was taken back is not handled even if it was given already.
/// </summary>
public sealed class MailboxModelTests
{
    /// <summary>What may happen: an event that is noted, one that sets a timer, one that takes the last timer back, a turn, a second that passes, a crash.</summary>
    private static readonly Gen<List<char>> Commands = Gen.Elements('n', 'n', 's', 's', 'c', 'c', 't', 't', 't', 'w', 'w', 'x').ListOf().Resize(60).Select(c => c.ToList());

    [Fact]
    public void An_agent_handles_what_the_model_handles() => Prop.ForAll(Commands.ToArbitrary(), Gen.Choose(1, 6).ToArbitrary(), (commands, window) =>
    {
        var (real, model) = (new Real(window), new Model());
        foreach (var command in commands)
        {
            real.Do(command);
            model.Do(command);
            var given = real.Given.Except(model.TakenBack).Count();
            Assert.True(given <= window, $"{given} events were given, the window is {window}.");
            Assert.Equal(model.Handled, real.Handled);
        }
        while (model.Step()) real.Do('t');
        real.Rest();
        Assert.Equal(model.Handled, real.Handled);
        Assert.Equal(model.Pending, real.Pending);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(60));

    private sealed class Real
    {
        private readonly List<string> handled = [];
        private TestMesh mesh;
        private int published;

        public Real(int window)
        {
            var guests = new TestGuests().With("box", Handle);
            mesh = new TestMesh(Of(Agent("box", "in")), guests, new ShardOptions { MeshName = "test", MailboxWindow = window });
            mesh.Run();
        }

        public IReadOnlyList<string> Handled => handled;

        /// <summary>What the agent was given and has not looked at.</summary>
        public IEnumerable<string> Given => mesh.Actors.Values.SelectMany(a => a.Inbox).Select(e => System.Text.Encoding.UTF8.GetString(e.Data.Span));

        public int Pending => mesh.Status("box").Pending;

        public void Do(char command)
        {
            switch (command)
            {
                case 't':
                    for (var before = handled.Count; handled.Count == before && mesh.Steps() is [_, ..] steps;) mesh.Take(steps[0]);
                    break;
                case 'w':
                    mesh.NowNs += TestMesh.Second;
                    mesh.Tick();
                    break;
                case 'x':
                    mesh = mesh.Restart();
                    break;
                default:
                    mesh.Publish("in", $"{command}{published++}");
                    break;
            }
        }

        public void Rest() => mesh.Run();

        private GuestFault? Handle(GuestMemory memory, Turn turn)
        {
            var text = TestGuests.TextOf(turn);
            if (!turn.IsReplay) handled.Add(text);
            if (text[0] == 's') memory["timer"] = turn.Schedule(500, "", System.Text.Encoding.UTF8.GetBytes($"timer of {text}"));
            if (text[0] == 'c') turn.Cancel(memory["timer"]);
            return null;
        }
    }

    private sealed class Model
    {
        private readonly List<(string Text, long AtNs)> pending = [];
        private readonly List<(string Text, long DueNs)> timers = [];
        private readonly List<string> handled = [];
        private long nowNs;
        private int published;
        private string last = "";

        public IReadOnlyList<string> Handled => handled;

        public int Pending => pending.Count;

        /// <summary>Timers that were taken back after they had fired.</summary>
        public HashSet<string> TakenBack { get; } = [];

        public void Do(char command)
        {
            switch (command)
            {
                case 't':
                    Step();
                    break;
                case 'w':
                    nowNs += TestMesh.Second;
                    foreach (var (text, _) in timers.Where(t => t.DueNs <= nowNs).OrderBy(t => t.DueNs)) pending.Add((text, nowNs));
                    timers.RemoveAll(t => t.DueNs <= nowNs);
                    break;
                case 'x':
                    break;
                default:
                    pending.Add(($"{command}{published++}", nowNs));
                    break;
            }
        }

        public bool Step()
        {
            if (pending.Count == 0) return false;
            var (text, at) = pending[0];
            pending.RemoveAt(0);
            handled.Add(text);
            if (text[0] == 's') timers.Add((last = $"timer of {text}", at + (TestMesh.Second / 2)));
            if (text[0] == 'c') timers.RemoveAll(t => t.Text == last);
            if (text[0] == 'c' && pending.RemoveAll(p => p.Text == last) > 0) TakenBack.Add(last);
            return true;
        }
    }
}
