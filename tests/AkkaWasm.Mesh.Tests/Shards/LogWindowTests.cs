using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Xunit;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class LogWindowTests
{
    private readonly BlockBuilder builder = new(new ShardOptions());
    private long next;

    [Fact]
    public void An_event_of_a_closed_block_is_kept_as_long_as_agents_wait_for_it_and_then_read_from_its_bytes()
    {
        var window = new LogWindow(1 << 20);
        var (first, second) = (Add(window, "a"), Add(window, "b"));
        window.Expect(second.Offset);
        window.Expect(second.Offset);
        var turn = AddTurn();
        Close(window);

        Assert.Null(window.Find(turn));
        AssertReadAgain(first, window.Find(first.Offset));
        Assert.Same(second, window.Take(second.Offset));
        Assert.Same(second, window.Take(second.Offset));
        AssertReadAgain(second, window.Take(second.Offset));
    }

    [Fact]
    public void An_event_of_the_block_that_is_being_filled_is_let_go_when_all_who_wait_for_it_have_it_and_then_read_from_what_was_encoded()
    {
        var window = new LogWindow(1 << 20) { ReadOpen = builder.Read };
        var turn = AddTurn();
        var (first, second) = (Add(window, "a"), Add(window, "b"));
        window.Expect(first.Offset);
        window.Expect(first.Offset);
        window.Expect(second.Offset);

        Assert.Null(window.Find(turn));
        Assert.Same(first, window.Take(first.Offset));
        Assert.Same(first, window.Find(first.Offset));
        Assert.Same(first, window.Take(first.Offset));
        AssertReadAgain(first, window.Find(first.Offset));
        AssertReadAgain(first, window.Take(first.Offset));
        Assert.Same(second, window.Take(second.Offset));
        AssertReadAgain(second, window.Find(second.Offset));
        var third = Add(window, "c");
        AssertReadAgain(second, window.Find(second.Offset));
        window.Expect(third.Offset);
        Close(window);

        AssertReadAgain(first, window.Find(first.Offset));
        AssertReadAgain(second, window.Find(second.Offset));
        Assert.Same(third, window.Take(third.Offset));
    }

    [Fact]
    public void Past_the_limit_the_oldest_committed_blocks_go_and_no_others()
    {
        var window = new LogWindow(2_000);
        var events = new List<MeshEvent>();
        for (var i = 0; i < 10; i++)
        {
            events.Add(Add(window, new string('x', 400)));
            Close(window);
        }
        window.Committed(2);
        Assert.Equal(3, window.CompleteFrom);
        Assert.Null(window.Find(2));
        window.Committed(9);
        Assert.InRange(window.CompleteFrom, 4, 9);
        for (var i = window.CompleteFrom; i < 10; i++) AssertReadAgain(events[(int)i], window.Find(i));
    }

    [Fact]
    public void Events_that_wait_for_long_give_up_their_place_beside_their_bytes()
    {
        var window = new LogWindow(100_000);
        var waiting = new List<MeshEvent>();
        for (var i = 0; i < 100; i++)
        {
            waiting.Add(Add(window, new string('x', 400)));
            window.Expect(waiting[^1].Offset);
            Close(window);
            window.Committed(waiting[^1].Offset);
        }
        Assert.NotSame(waiting[50], window.Find(50));
        AssertReadAgain(waiting[50], window.Take(50));
        Assert.Same(waiting[^1], window.Take(99));
    }

    private static void AssertReadAgain(MeshEvent expected, MeshEvent? found)
    {
        Assert.NotNull(found);
        Assert.NotSame(expected, found);
        Assert.Equal((expected.Offset, expected.Topic, expected.AppendedAtNs), (found.Offset, found.Topic, found.AppendedAtNs));
        Assert.Equal(expected.Data.ToArray(), found.Data.ToArray());
    }

    private MeshEvent Add(LogWindow window, string data)
    {
        var e = new MeshEvent { Topic = "t", Data = System.Text.Encoding.UTF8.GetBytes(data), Offset = next, AppendedAtNs = next };
        builder.Add(new EventRecord(e) { Offset = next++ }, 1, 0);
        window.Add(e);
        return e;
    }

    private long AddTurn()
    {
        builder.Add(new TurnRecord { Agent = 0, Incarnation = 1, Input = 0, Offset = next }, 1, 0);
        return next++;
    }

    private void Close(LogWindow window)
    {
        var block = builder.Cut(1, 0, out var records);
        window.Close(block.Header, records);
    }
}
