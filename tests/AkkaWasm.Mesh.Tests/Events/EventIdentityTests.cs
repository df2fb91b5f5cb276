using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Tests.Events;

public sealed class EventIdentityTests
{
    private static readonly EventIdentity Identity = new("m", (n, _) => $"agent{n}");

    [Fact]
    public void An_event_from_outside_keeps_its_id_and_source()
    {
        var e = new MeshEvent { Topic = "a", Id = "id", Source = "/s" };
        Assert.Equal(("id", "/s"), (Identity.IdOf(e), Identity.SourceOf(e)));
    }

    [Theory]
    [InlineData(EventOrigin.Lifecycle)]
    [InlineData(EventOrigin.DeadLetter)]
    [InlineData(EventOrigin.Timer)]
    [InlineData(EventOrigin.Released)]
    public void What_the_mesh_publishes_is_named_by_its_place(EventOrigin origin)
    {
        var e = new MeshEvent { Topic = "a", Origin = origin, Agent = 1, Epoch = 2, Offset = 9 };
        Assert.Equal(("m-2-9", "/meshes/m"), (Identity.IdOf(e), Identity.SourceOf(e)));
    }

    [Fact]
    public void An_emitted_event_is_named_by_mesh_agent_incarnation_input_and_index()
    {
        var e = new MeshEvent { Topic = "a", Origin = EventOrigin.Emitted, Agent = 1, Incarnation = 2, Cause = 3, Index = 4 };
        Assert.Equal("/meshes/m/agents/agent1", Identity.SourceOf(e));
        string[] ids =
        [
            Identity.IdOf(e), Identity.IdOf(e with { Agent = 2 }), Identity.IdOf(e with { Incarnation = 3 }), Identity.IdOf(e with { Cause = 4 }), Identity.IdOf(e with { Index = 5 }),
            new EventIdentity("n", (n, _) => $"agent{n}").IdOf(e),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
        Assert.Equal(ids[0], Identity.IdOf(e with { Offset = 77, Epoch = 5 }));
    }

    [Theory]
    [InlineData("0-2-1707", true, 0, 2, 1707)]
    [InlineData("12", true, 0, 0, 12)]
    [InlineData("3-1-0", true, 3, 1, 0)]
    [InlineData("", false, 0, 0, 0)]
    [InlineData("1-2", false, 0, 0, 0)]
    [InlineData("-1", false, 0, 0, 0)]
    [InlineData("a-b-c", false, 0, 0, 0)]
    [InlineData("1-99999999999-1", false, 0, 0, 0)]
    public void A_position_is_read_as_it_is_written(string text, bool valid, int shard, int epoch, long offset)
    {
        Assert.Equal(valid, Position.TryParse(text, out var position));
        Assert.Equal(valid ? new Position(shard, epoch, offset) : default, position);
        if (valid && text.Contains('-')) Assert.Equal(text, position.ToString());
    }
}
