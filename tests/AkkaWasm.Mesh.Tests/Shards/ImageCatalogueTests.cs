using AkkaWasm.Mesh.Shards;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class ImageCatalogueTests
{
    [Fact]
    public void The_newest_images_are_kept_and_older_ones_ever_further_apart()
    {
        var (catalogue, policy) = (new ImageCatalogue(), Agent("a", "in") with { KeepSnapshots = 3, KeepOlderSnapshots = 4 });
        for (var i = 1; i <= 1_000; i++) catalogue.Add(Image(i * 10), policy);
        var kept = catalogue.All.Select(i => i.Input).ToArray();
        Assert.Equal([9_980L, 9_990L, 10_000L], kept[^3..]);
        Assert.Equal((7, 10L), (kept.Length, kept[0]));
        var gaps = kept.Zip(kept.Skip(1), (a, b) => b - a).Take(4).ToArray();
        Assert.Equal(gaps.OrderDescending(), gaps);
        Assert.True(gaps[^1] < 5_000, string.Join(' ', kept));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    public void Never_more_are_kept_than_the_policy_says_and_always_the_newest(int newest, int older)
    {
        var (catalogue, policy) = (new ImageCatalogue(), Agent("a", "in") with { KeepSnapshots = newest, KeepOlderSnapshots = older });
        var dropped = new List<KeptImage>();
        for (var i = 0; i < 20; i++)
        {
            dropped.AddRange(catalogue.Add(Image(i), policy));
            Assert.Equal(i, catalogue.Newest!.Value.Input);
            Assert.True(catalogue.All.Count <= newest + older);
        }
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (long)i), catalogue.All.Concat(dropped).Select(i => i.Input).Order());
    }

    [Fact]
    public void What_a_dropped_image_was_needed_for_begins_from_the_one_before_it()
    {
        var (catalogue, policy) = (new ImageCatalogue(), Agent("a", "in") with { KeepSnapshots = 1, KeepOlderSnapshots = 1 });
        catalogue.Add(Image(100), policy);
        catalogue.Extend(60);
        catalogue.Add(Image(200), policy);
        catalogue.Extend(40);
        catalogue.Add(Image(300), policy);
        Assert.Equal([(100L, 40L), (300L, long.MaxValue)], catalogue.All.Select(i => (i.Input, i.LowestAfter)));
    }

    [Fact]
    public void From_every_kept_image_the_log_leads_to_the_next_one()
    {
        foreach (var seed in Enumerable.Range(0, 8))
        {
            var history = new Simulator(seed).Run();
            foreach (var agent in history.Mesh.Shard.Agents)
            {
                var images = history.Mesh.Shard.ImagesOf(agent.Name);
                foreach (var (image, next) in images.Zip(images.Skip(1)))
                    Assert.All(history.Records.OfType<TurnRecord>().Where(t => t.Agent == agent.Number && t.Fault is null && t.Incarnation == next.Incarnation && image.Incarnation == next.Incarnation && t.Offset > TurnOf(image) && t.Offset <= TurnOf(next)),
                        turn => Assert.True(turn.Input >= image.LowestAfter));

                long TurnOf(KeptImage image) => history.Records.OfType<TurnRecord>().Last(t => t.Agent == agent.Number && t.Incarnation == image.Incarnation && t.Fault is null && t.Input == image.Input).Offset;
            }
        }
    }

    [Fact]
    public void The_shard_says_which_images_go_when_that_is_committed()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>") with { SnapshotEveryTurns = 1, KeepSnapshots = 2, KeepOlderSnapshots = 0 }), new TestGuests().With("noter", (_, _) => null)).Run();
        for (var i = 0; i < 5; i++)
        {
            mesh.Publish("in.a", $"{i}");
            mesh.RunToIdle();
        }
        var kept = mesh.Shard.ImagesOf("noter");
        var dropped = mesh.Effects.OfType<DropImage>().Select(d => d.Input).ToArray();
        Assert.Equal(2, kept.Length);
        Assert.Equal(mesh.Effects.OfType<SaveImage>().Select(s => s.Image.Input).Order(), dropped.Concat(kept.Select(i => i.Input)).Order());
        Assert.Equal(kept[0], mesh.Shard.ImageAt("noter", 1, kept[1].Input - 1));
        Assert.Null(mesh.Shard.ImageAt("noter", 1, kept[0].Input - 1));
        Assert.Equal(kept.ToArray(), mesh.Restart().Shard.ImagesOf("noter").ToArray());
    }

    private static KeptImage Image(long input) => new(1, input, default, input, long.MaxValue);
}
