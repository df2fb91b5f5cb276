using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

public sealed class RunToIdleTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_mesh_of_wasm_guests_reads_a_file_and_comes_to_rest()
    {
        var lines = folder.File("in.jsonl", string.Concat(Enumerable.Range(0, 250).Select(i => $"{{\"id\":{i}}}\n")));
        var options = new MeshNodeOptions
        {
            DataFolder = folder.Data,
            Topology = Topologies.Of(Topologies.Wat("counter", "counter", "in.>"), Topologies.Wat("echo", "echo", "count.out")),
            Modules = Topologies.Modules("counter", "echo"),
            Sources = [new FileSourceOptions { Name = "lines", Path = lines, Format = FileSourceFormat.JsonLines, Topic = "in.line" }],
        };

        MeshSummary first;
        await using (var node = await MeshNode.StartAsync(options))
        {
            await node.WhenIdleAsync();
            first = await node.SummaryAsync();
            await node.DrainAsync();
        }
        Assert.Equal(250, first.Totals.EventsIn);
        Assert.Equal([251, 251], first.Agents.Select(a => a.Status.Turns));

        await using (var node = await MeshNode.StartAsync(options))
        {
            await node.WhenIdleAsync();
            var second = await node.SummaryAsync();
            Assert.Equal(0, second.ThisRun.EventsIn);
            Assert.Equal(0, second.ThisRun.Turns);
            Assert.Equal(first.Agents.Select(a => a.StateHash), second.Agents.Select(a => a.StateHash));
            Assert.All(second.Agents, a => Assert.NotNull(a.StateHash));
        }
    }
}
