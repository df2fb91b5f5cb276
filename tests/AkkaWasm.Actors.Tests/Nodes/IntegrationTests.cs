using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Agents change the topology of a whole node. The text of a change is the name of an agent that is to come to be, or that of one that is to go, with a minus.</summary>
[Collection(PostgresCollection.Name)]
public sealed class IntegrationTests(PostgresServer server)
{
    private sealed class Names : IChangeReader
    {
        private readonly ManualResetEventSlim gate = new(true);

        public TaskCompletionSource Reached { get; private set; } = new();

        public int Reads { get; private set; }

        public void Close()
        {
            Reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gate.Reset();
        }

        public void Open() => gate.Set();

        public AskedChange Read(ReadOnlyMemory<byte> text, MeshTopology running, long at, Func<ModuleReference, ResolvedModule?> resolve)
        {
            Reads++;
            Reached.TrySetResult();
            gate.Wait();
            return Encoding.UTF8.GetString(text.Span) switch
            {
                ['-', .. var gone] => new AskedChange(running with { Agents = running.Agents.RemoveAll(a => a.Name == gone) }, at),
                "nothing" => throw new ChangeRefusedException("Nothing is no change."),
                "bug" => throw new InvalidOperationException("the reader has a bug"),
                var name => new AskedChange(running with { Agents = running.Agents.Add(TestMesh.Agent(name, "in") with { Capabilities = Capabilities.None }) }, at),
            };
        }
    }

    private static TestMesh Mesh(IChangeReader? reader)
    {
        var chief = TestMesh.Agent("chief", "do") with { Capabilities = new Capabilities { Integrate = ["default.*"], Subscribe = ["in"] } };
        var mesh = new TestMesh(TestMesh.Topology(chief));
        mesh.Options = mesh.Options with { Changes = reader };
        return mesh;
    }

    private static async Task<List<string>> AnswersAsync(TestMesh mesh) => [.. (await mesh.EventsAsync("mesh.inbox.chief")).Select(e => Encoding.UTF8.GetString(e.Event.Data.Span))];

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_node_that_ends_between_a_request_and_its_answer_answers_it_when_it_runs_again_and_once(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        var reader = new Names();
        await using var mesh = Mesh(reader);
        mesh.Options = mesh.Options with { DataFolder = place.Folder.Data, Journal = place.Journal, Snapshots = place.Snapshots };
        await mesh.StartAsync();
        reader.Close();
        await mesh.PublishAsync("do", "integrate helper");
        await reader.Reached.Task;
        await mesh.Node.AbortAsync();
        reader.Open();
        await mesh.StartAsync();
        await mesh.Node.WhenIdleAsync();
        Assert.Contains("\"outcome\":\"applied\"", Assert.Single(await AnswersAsync(mesh)), StringComparison.Ordinal);
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "one");
        Assert.Equal((2, "init one"), (reader.Reads, mesh.Guests.States["helper"]));
        Assert.Equal("agent chief", (await mesh.Node.TopologyAsync()).Changes[^1].Author);
        await mesh.HandleAsync("do", "integrate -helper");
        Assert.Equal(2, (await AnswersAsync(mesh)).Count);
        Assert.Equal(["chief"], (await mesh.Node.TopologyAsync()).Topology.Agents.Select(a => a.Name));
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_and_the_mesh_goes_on()
    {
        await using var mesh = Mesh(new Names());
        await mesh.StartAsync();
        await mesh.HandleAsync("do", "integrate nothing", "integrate bug", "integrate chief");
        var answers = await AnswersAsync(mesh);
        Assert.Equal(3, answers.Count);
        foreach (var sentence in new[] { "Nothing is no change.", "the reader has a bug", "defined twice" }) Assert.Contains(answers, a => a.Contains(sentence, StringComparison.Ordinal) && a.Contains("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_reads_no_changes_says_so()
    {
        await using var mesh = Mesh(null);
        await mesh.StartAsync();
        await mesh.HandleAsync("do", "integrate helper");
        Assert.Contains("reads no changes", Assert.Single(await AnswersAsync(mesh)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_an_agent_and_one_of_an_operator_at_once_are_both_made()
    {
        var reader = new Names();
        await using var mesh = Mesh(reader);
        await mesh.StartAsync();
        reader.Close();
        await mesh.PublishAsync("do", "integrate helper");
        await reader.Reached.Task;
        var running = (await mesh.Node.TopologyAsync()).Topology;
        var answer = await mesh.Node.ApplyTopologyAsync(new TopologyTarget(running with { Agents = running.Agents.Add(TestMesh.Agent("other", "in")) }), null, TopologyAuthor.Operator, "");
        Assert.Equal(TopologyOutcome.Applied, answer.Outcome);
        reader.Open();
        await mesh.Node.WhenIdleAsync();
        Assert.Equal(["chief", "other", "helper"], (await mesh.Node.TopologyAsync()).Topology.Agents.Select(a => a.Name));
        Assert.Equal(2, reader.Reads);
    }
}
