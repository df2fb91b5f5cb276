using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using FsCheck;
using FsCheck.Fluent;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>The ladder of the core against one that is written down naively: it keeps every failure and counts anew each time.</summary>
public sealed class LadderModelTests
{
    private static readonly HealingDirective[] Directives = [.. Enum.GetValues<HealingDirective>()];

    [Fact]
    public void Directives_budgets_and_quarantine_are_those_of_the_model() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var (group, root) = (RandomPolicy(random), RandomPolicy(random));
        var model = new Model(group, root);
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, group)], Agent("noter", "in.>")) with { Root = root }, Guests()).Run();
        for (var i = 0; i < 12 && !model.IsStopped; i++)
        {
            mesh.Pass(TimeSpan.FromSeconds(random.Next(0, 40)));
            var (own, host) = (random.Next(0, 4) * random.Next(0, 2), random.Next(0, 4) * random.Next(0, 2));
            model.Handle(own, host, mesh.NowNs);
            mesh.Publish("in.a", $"{own} {host}");
            mesh = random.Next(8) == 0 ? Continue(mesh) : mesh.RunToIdle();
        }
        Assert.Equal(model.Decisions, mesh.Store.Records().OfType<HealingRecord>().Select(h => (h.Directive, h.Quarantine, h.Escalations, h.Rung)));
        Assert.Equal(model.IsStopped, mesh.Status("noter").State == AgentState.Stopped);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(int.Parse(Environment.GetEnvironmentVariable("AKKAWASM_LADDER_TESTS") ?? "150")));

    /// <summary>The shard dies in the middle and another goes on.</summary>
    private static TestMesh Continue(TestMesh mesh) => mesh.Run().Restart().RunToIdle();

    private static SupervisionPolicy RandomPolicy(Random random) => SupervisionPolicy.Default with
    {
        Directive = Directives[random.Next(Directives.Length)], OnFailure = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => Directives[random.Next(Directives.Length)])],
        MaxNrOfRetries = random.Next(-1, 4), WithinTimeRange = TimeSpan.FromSeconds(random.Next(1, 90)), MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero,
        EventRetries = random.Next(0, 4), HostFaultRetries = random.Next(0, 4), Rewind = new RewindTarget { Turns = random.Next(1, 5), Inputs = (RewindInputs)random.Next(3) },
    };

    /// <summary>An event "2 1" fails twice for a reason of its own, then once for one of the host, then succeeds; whoever handles it again after a rewind has it succeed.</summary>
    private static TestGuests Guests()
    {
        var tries = new Dictionary<long, int>();
        return new TestGuests().With("noter", (_, turn) =>
        {
            var counts = TestGuests.TextOf(turn).Split(' ').Select(int.Parse).ToArray();
            var tried = turn.IsReplay ? int.MaxValue : tries[turn.Input.Offset] = tries.GetValueOrDefault(turn.Input.Offset) + 1;
            return tried <= counts[0] ? TestGuests.Trap() : tried <= counts[0] + (long)counts[1] ? new GuestFault(FaultKind.Deadline, "deadline", "The turn took too long.") : null;
        });
    }

    private sealed class Model(SupervisionPolicy group, SupervisionPolicy root)
    {
        private readonly List<(long At, int Rung)> ofAgent = [];
        private readonly List<(long At, int Rung)> ofGroup = [];

        public List<(HealingDirective Directive, bool Quarantine, int Escalations, int Rung)> Decisions { get; } = [];

        public bool IsStopped { get; private set; }

        public void Handle(int own, int host, long now)
        {
            var (ownFailures, hostFailures) = (0, 0);
            while (ownFailures + hostFailures < own + host && !IsStopped)
            {
                var isHost = ownFailures == own;
                if (isHost) hostFailures++;
                else ownFailures++;
                var level = 0;
                var (directive, rung) = Next(group, ofAgent, now);
                if (directive == HealingDirective.Escalate)
                {
                    level = 1;
                    (directive, rung) = Next(root, ofGroup, now);
                    if (directive == HealingDirective.Escalate) directive = HealingDirective.Stop;
                }
                var policy = level == 0 ? group : root;
                var aside = directive == HealingDirective.Stop || (directive == HealingDirective.Resume && !isHost)
                    || (isHost ? hostFailures > policy.HostFaultRetries : ownFailures > policy.EventRetries);
                Decisions.Add((directive, aside, level, rung));
                if (directive != HealingDirective.Resume) (level == 0 ? ofAgent : ofGroup).Add((now, rung));
                IsStopped = directive == HealingDirective.Stop;
                if (aside) return;
            }
        }

        /// <summary>The failures since the rung was reached that lie within the range; none of them left means the top of the ladder.</summary>
        private static (HealingDirective Directive, int Rung) Next(SupervisionPolicy policy, List<(long At, int Rung)> failures, long now)
        {
            HealingDirective[] ladder = [policy.Directive, .. policy.OnFailure];
            var reached = failures.Count == 0 ? 0 : failures[^1].Rung;
            var counted = failures.AsEnumerable().Reverse().TakeWhile(f => f.Rung == reached).Count(f => f.At > now - policy.WithinTimeRange.Ticks * 100);
            if (counted == 0) reached = 0;
            var serves = ladder[reached] == HealingDirective.Resume || policy.MaxNrOfRetries < 0 || counted + 1 <= policy.MaxNrOfRetries || reached == ladder.Length - 1;
            return serves ? (ladder[reached], reached) : (ladder[reached + 1], reached + 1);
        }
    }
}
