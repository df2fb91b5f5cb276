using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Turns;

public sealed class AgentRunnerTests
{
    private static readonly EventIdentity Identity = new("test", (_, _) => "noter");
    private static readonly TestGuests Guests = new TestGuests().With("noter", (memory, turn) =>
    {
        Span<byte> random = stackalloc byte[2];
        turn.Random(random);
        memory["sum"] = memory["sum"] * 31 + random[0] + turn.NowNs;
        turn.Publish("out.x", Encoding.UTF8.GetBytes($"{memory["sum"]}"));
        return TestGuests.Note(memory, turn);
    });

    private static AgentIdentity Agent(int incarnation = 1, string name = "noter") => new(0, name, incarnation, Agent_(name), (_, _) => name);

    private static AgentDefinition Agent_(string name) => Topologies.Agent(name, "in.>", "noter") with { HashEveryTurns = 3 };

    private static AgentRunner Rebuild(AgentImage? image = null, params RecordedTurn[] turns) => AgentRunner.Rebuild(Agent(), Identity, Guests, image, turns);

    private static MeshEvent Event(int i, string? text = null) => new() { Topic = "in.a", Offset = 10 + i, AppendedAtNs = 100 * i, Data = Encoding.UTF8.GetBytes(text ?? $"{i}") };

    private static (AgentRunner Runner, RecordedTurn[] Turns) Ran(int turns)
    {
        var runner = Rebuild();
        return (runner, [.. Enumerable.Range(0, turns).Select(i => new RecordedTurn(Event(i), runner.Run(Event(i), 5).Digest))]);
    }

    [Fact]
    public void A_rebuilt_agent_is_in_the_same_state_from_whichever_image_it_begins()
    {
        var (whole, turns) = Ran(10);
        for (var k = 0; k <= 10; k++)
        {
            var image = k == 0 ? null : AgentImage.FromBytes(Ran(k).Runner.Capture()!.ToBytes());
            using var rebuilt = Rebuild(image, turns[k..]);
            Assert.Equal((whole.Hash(), whole.LastInput, whole.Turns), (rebuilt.Hash(), rebuilt.LastInput, rebuilt.Turns));
            Assert.Equal(whole.Run(Event(10), 1).Digest, rebuilt.Run(Event(10), 1).Digest);
            (whole, turns) = Ran(10);
        }
    }

    [Fact]
    public void A_turn_that_does_not_repeat_itself_is_noticed()
    {
        var (_, turns) = Ran(3);
        turns[1] = turns[1] with { Digest = turns[1].Digest + 1 };
        Assert.Contains("did something else at 11", Assert.Throws<ReplayDivergedException>(() => Rebuild(null, turns)).Message);
        turns[1] = new RecordedTurn(Event(1, "trap"), 0);
        Assert.Contains("failed at 11", Assert.Throws<ReplayDivergedException>(() => Rebuild(null, turns)).Message);
    }

    [Fact]
    public void A_replayed_turn_gives_digest_and_hash_of_the_first_time()
    {
        var (runner, again) = (Rebuild(), Rebuild());
        for (var i = 0; i < 7; i++)
        {
            var (first, second) = (runner.Run(Event(i), 1), again.Replay(Event(i)));
            Assert.Equal((first.Digest, first.Hash), (second.Digest, second.Hash));
            Assert.Equal((i + 1) % 3 == 0, first.Hash is not null);
        }
    }

    [Fact]
    public void After_a_failed_turn_the_runner_is_used_up()
    {
        var runner = Rebuild();
        runner.Run(Event(0), 1);
        var result = runner.Run(Event(1, "trap"), 4);
        Assert.Equal((FaultKind.Trap, 4, 11L, 0), (result.Fault!.Kind, result.Token, result.Input, result.Outputs.Count));
        Assert.False(runner.IsUsable);
        Assert.Throws<ObjectDisposedException>(() => runner.Run(Event(2), 1));
        Assert.Throws<ObjectDisposedException>(() => runner.Capture());
        Assert.Throws<ObjectDisposedException>(() => runner.Hash());
    }

    [Fact]
    public void An_image_of_another_agent_or_life_is_refused()
    {
        var image = Ran(2).Runner.Capture()!;
        Assert.Throws<ImageCorruptException>(() => Rebuild(image with { Agent = "other" }));
        Assert.Throws<ImageCorruptException>(() => Rebuild(image with { Incarnation = 2 }));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_an_image_is_refused()
    {
        var image = Ran(2).Runner.Capture()!;
        var bytes = image.ToBytes();
        var back = AgentImage.FromBytes(bytes);
        Assert.Equal((image.Agent, image.Incarnation, image.Input, image.Turns, image.Hash), (back.Agent, back.Incarnation, back.Input, back.Turns, back.Hash));
        Assert.True(image.Guest.Span.SequenceEqual(back.Guest.Span));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var damaged = bytes.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<ImageCorruptException>(() => AgentImage.FromBytes(damaged));
        }
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<ImageCorruptException>(() => AgentImage.FromBytes(bytes.AsMemory(0, length)));
    }

    [Fact]
    public void A_guest_that_cannot_be_made_leaves_nothing_behind()
    {
        var guests = new TestGuests { OnCreate = _ => throw new GuestRefusedException("no module") };
        Assert.Throws<GuestRefusedException>(() => AgentRunner.Rebuild(Agent(), Identity, guests, null, []));
    }
}
