using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AkkaWasm.Actors.Persistence;
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

    /// <summary>
    /// Keeps 11,000 objects, half a heap of 1 MiB, and makes about 70 KB of garbage in a turn: after a few turns there is no room, and no size of the
    /// heap says so before.
    /// </summary>
    private const string Crowded = """
        (module (memory (export "memory") 1)
          (type $node (struct (field (mut (ref null $node))) (field i64) (field i64)))
          (global $live (mut (ref null $node)) (ref.null $node))
          (func (export "mesh_init") (result i32) (local $i i32)
            (loop $more
              (global.set $live (struct.new $node (global.get $live) (i64.const 1) (i64.const 2)))
              (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 11000))))
            (i32.const 0))
          (func (export "mesh_handle") (param i32) (result i32) (local $i i32) (local $at (ref $node))
            (loop $more
              (local.set $at (struct.new $node (ref.null $node) (i64.const 1) (i64.const 2)))
              (struct.set $node 0 (local.get $at) (local.get $at))
              (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1500))))
            (i32.const 0)))
        """;

    [Fact]
    public async Task A_heap_that_is_exhausted_in_a_turn_is_compacted_before_that_counts_as_a_failure()
    {
        if (!OperatingSystem.IsLinux()) return;
        const int events = 30;
        var (left, name) = (new ConcurrentBag<long>(), $"crowded-{Guid.NewGuid():N}");
        using var listener = Listen(name, left);
        using var folder = new TestFolder();
        var bytes = System.Text.Encoding.UTF8.GetBytes(Crowded);
        var agent = new AgentDefinition
        {
            Name = name, ModuleHash = ModuleStore.HashOf(bytes), ModuleFile = "crowded.wat", Subscriptions = ["in"], HashEveryTurns = 1,
            Limits = new AgentLimits { GcHeapBytes = 1 << 20, Deadline = TimeSpan.FromMinutes(1) },
        };
        var options = new MeshNodeOptions
        {
            Topology = Topologies.Of(agent), DataFolder = folder.Data, Modules = new Dictionary<string, ModuleFile> { [agent.ModuleHash] = new(bytes, "crowded.wat") },
        };
        await using (var node = await MeshNode.StartAsync(options))
        {
            var reply = await node.PublishAsync(new PublishBatch([.. Enumerable.Range(0, events).Select(i => new MeshEvent { Topic = "in", Id = $"{i}", Source = "/test", Data = "x"u8.ToArray() })]));
            Assert.Null(reply.Problem);
            await node.WhenIdleAsync();
            var status = (await node.AgentAsync(name))!;
            Assert.Equal((events + 1L, 0L, null), (status.Turns, status.Failures, status.LastFault?.Message));
            await node.DrainAsync();
        }
        Assert.InRange(left.Count, 3, events);
        using var log = OfflineLog.Open(folder.Data);
        var report = log.ReplayAgent(name)!;
        Assert.Equal((null, events + 1L), (report.Divergence?.Message, report.Turns));
        Assert.InRange(report.Hashes, events, int.MaxValue);
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
