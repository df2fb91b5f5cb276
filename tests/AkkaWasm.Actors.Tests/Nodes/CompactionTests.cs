using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A guest that makes cyclic garbage without end, which nothing but a capture and a restore gets rid of, in a whole mesh.</summary>
public sealed class CompactionTests
{
    private const int Turns = 1_000;
    private const long HeapBytes = 8 << 20;

    [Fact]
    public async Task Cyclic_garbage_without_end_stays_inside_the_limit_of_the_heap()
    {
        if (!OperatingSystem.IsLinux()) return;
        var (left, name) = (new ConcurrentBag<long>(), $"cycles-{Guid.NewGuid():N}");
        using var listener = Listen(name, left);
        using var folder = new TestFolder();
        var agent = Topologies.Wat(name, "cycles", "in") with { Limits = new AgentLimits { GcHeapBytes = HeapBytes }, SnapshotEveryTurns = 300, HashEveryTurns = 50 };
        var options = new MeshNodeOptions { Topology = Topologies.Of(agent), DataFolder = folder.Data, Modules = Topologies.Modules("cycles") };
        StateHash? hash;
        await using (var node = await MeshNode.StartAsync(options))
        {
            for (var at = 0; at < Turns; at += 100)
                await node.PublishAsync(new PublishBatch([.. Enumerable.Range(at, 100).Select(i => new MeshEvent { Topic = "in", Id = $"{i}", Source = "/test", Data = "x"u8.ToArray() })]));
            await node.WhenIdleAsync();
            Assert.Equal((Turns + 1L, 0L), ((await node.AgentAsync(name))!.Turns, (await node.AgentAsync(name))!.Failures));
            hash = await node.StateHashAsync(name);
            await node.AbortAsync();
        }

        Assert.InRange(left.Count, 5, Turns / 20);
        Assert.All(left, live => Assert.InRange(live, 1, HeapBytes / 2));
        await using var again = await MeshNode.StartAsync(options);
        Assert.Equal(hash, await again.StateHashAsync(name));
        await again.DrainAsync();
        using var log = OfflineLog.Open(folder.Data);
        var report = log.ReplayAgent(name)!;
        Assert.Equal((null, hash), (report.Divergence?.Message, report.StateHash));
    }

    private static MeterListener Listen(string definition, ConcurrentBag<long> left)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == GuestMetrics.MeterName && instrument.Name == GuestMetrics.CompactionLive) l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, live, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag.Value is string value && value == definition) left.Add(live);
        });
        listener.Start();
        return listener;
    }
}
