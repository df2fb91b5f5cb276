using System.Globalization;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>Talks to nodes whose agents are tallies: publishes events, no two of one id, and reads what the tallies told.</summary>
internal sealed class TallyClient
{
    private int nextId;

    /// <summary>A mesh of one definition, in which what fails is put aside at once.</summary>
    public static MeshTopology Resuming(AgentDefinition agent) =>
        Topologies.Of(agent) with { Groups = [new GroupDefinition(GroupDefinition.Default, null, SupervisionPolicy.Default with { Directive = HealingDirective.Resume })] };

    /// <summary>A node that begins with a version.</summary>
    public static MeshNodeOptions Options(TestFolder folder, Tally tally, MeshTopology topology) => new()
    {
        Topology = topology, DataFolder = folder.Data, Modules = new Dictionary<string, ModuleFile> { [tally.Hash] = tally.File }, MinBackoff = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Publishes an event for each text, one after the other.</summary>
    public async Task SendAsync(MeshNode node, string topic, params string[] texts)
    {
        foreach (var text in texts)
            Assert.True((await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = topic, Id = $"e{Interlocked.Increment(ref nextId)}", Source = "/t", Data = Encoding.UTF8.GetBytes(text) }]))).IsAccepted);
    }

    /// <summary>The same, and waits until all is handled.</summary>
    public async Task PublishAsync(MeshNode node, string topic, params string[] texts)
    {
        await SendAsync(node, topic, texts);
        await node.WhenIdleAsync();
    }

    /// <summary>What the tallies told, each with the number of its agent.</summary>
    public static async Task<List<(int Agent, string Text)>> ToldAsync(MeshNode node)
    {
        var told = new List<(int, string)>();
        await foreach (var e in node.CommittedAsync(TopicPattern.Parse("tally.out"))) told.Add((e.Event.Agent, Encoding.UTF8.GetString(e.Event.Data.Span)));
        return told;
    }

    /// <summary>What was told last, <c>v2:15</c>; empty if nothing was.</summary>
    public static async Task<string> LastAsync(MeshNode node) => (await ToldAsync(node)).LastOrDefault((0, "")).Item2;

    /// <summary>The same, the version and the count.</summary>
    public static async Task<(int Version, int Count)> LastCountAsync(MeshNode node) => Parse(await LastAsync(node));

    /// <summary>Version and count of what a tally told.</summary>
    public static (int Version, int Count) Parse(string told)
    {
        var parts = told[1..].Split(':');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public static async Task WhenAsleepAsync(MeshNode node, string agent)
    {
        while ((await node.AgentAsync(agent))!.State != AgentState.Asleep) await Task.Yield();
    }
}
