using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using AkkaWasm.Process.Tests.Living;
using AkkaWasm.Tests.Support;
using Xunit.Abstractions;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// Kills a node as <c>kill -9</c> does while its mesh is changed, each verb in its turn: at moments drawn from a seed with events coming in, or in the middle of
/// committing one of the blocks that the verb takes. The next node has the old topology or the new one, whole; the verb is brought to its end there, and the next one
/// begins. AKKAWASM_KILLS says how often in all, as in <see cref="KillTests"/>; AKKAWASM_SEED sets another seed.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class VerbKillTests(PostgresServer server, ITestOutputHelper output)
{
    /// <summary>For how long nobody gets past a block before it counts as the one that was meant.</summary>
    private static readonly TimeSpan Stands = TimeSpan.FromMilliseconds(100);

    private static bool IsLong => KillTests.Kills > 50;

    private static int Rounds => Math.Max(1, KillTests.Kills / 50);

    [Fact]
    public Task Whenever_a_verb_is_cut_off_the_topology_is_the_old_or_the_new_one_and_every_event_is_handled_once() => KillAsync(() => new LivingMesh(), random => IsLong ? Verbs.All : Verbs.Some(random));

    [PostgresFact]
    public Task The_same_holds_with_the_log_on_PostgreSQL() => KillAsync(() => new LivingMesh(server), _ => IsLong ? Verbs.All : [Verbs.Replace, Verbs.WatchToTheEnd]);

    private async Task KillAsync(Func<LivingMesh> make, Func<Random, Verb[]> verbs)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(KillTests.Seed + round);
            var context = $"seed {KillTests.Seed}, round {round}";
            using var mesh = make();
            VerbRun? cut = null;
            foreach (var verb in verbs(random)) cut = await RunAndKillAsync(mesh, cut, verb, random, $"{context}, {verb.Name}");
            await FinishAsync(mesh, cut!, context);
            await LivingLog.JudgeAsync(mesh, context);
        }
    }

    /// <summary>Brings the verb before to its end, begins one, and kills the node; the first one of all always in the block that it is in.</summary>
    private async Task<VerbRun> RunAndKillAsync(LivingMesh mesh, VerbRun? before, Verb verb, Random random, string context)
    {
        using var node = mesh.Place.Serve();
        using var client = await ConnectAsync(mesh, node);
        using var load = new CancellationTokenSource();
        var publishing = Task.WhenAll(new[] { "counter", "crew.a", "crew.b" }.Select(name => Publisher.PostAsync(client.Url, name, $"{name}-{mesh.NextId()}", mesh.Acknowledged, load.Token)));
        if (before is null) mesh.Learn(await client.TopologyAsync());
        else await SettleAsync(before, client, context);
        var run = await VerbRun.BeginAsync(verb, client);
        var step = mesh.IsOnSqlite && (before is null || random.Next(2) == 0) ? await BlockAsync(mesh, before is null ? 0 : random.Next(verb.Blocks), () => StopAsync(load, publishing)) : null;
        var moment = verb.SpanMs * random.Next(1_000) / 1_000;
        run.Moment = step is null ? $"after {moment} ms" : "in a block";
        var acting = verb.ActAsync(run);
        await (step is null ? Task.Delay(moment) : StandsAsync(step, acting, verb));
        Assert.True(!node.HasExited, $"{context}: the node ended by itself: {node.Errors}");
        await node.KillAsync();
        await StopAsync(load, publishing);
        run.Acknowledged = await acting;
        step?.Statement.Remove();
        return run;
    }

    private async Task SettleAsync(VerbRun cut, MeshClient client, string context)
    {
        var isNew = await VerbRun.CheckAndSettleAsync(cut, client, $"{context}, after {cut.Verb.Name}");
        output.WriteLine($"{cut.Verb.Name} {cut.Moment}: {(cut.Acknowledged ? "acknowledged" : "not acknowledged")}, {(JsonNode.DeepEquals(cut.Before, cut.Target) ? "the topology stays" : isNew ? "the new topology" : "the old topology")}");
    }

    private static async Task<MeshClient> ConnectAsync(LivingMesh mesh, NodeProcess node)
    {
        using var patience = new CancellationTokenSource(MeshClient.Patience);
        var url = await node.ListeningAsync(mesh.Place.Data, patience.Token);
        Assert.True(url is not null, $"the node does not listen: {node.Output}{node.Errors}");
        return new MeshClient(url, mesh);
    }

    private static async Task StopAsync(CancellationTokenSource load, Task publishing)
    {
        await load.CancelAsync();
        await publishing;
    }

    /// <summary>Lets nobody get past a block of the log that comes now, and everything that comes stands in it but what the verb does.</summary>
    private static async Task<(EndlessStatement Statement, long Last)?> BlockAsync(LivingMesh mesh, int more, Func<Task> quiet)
    {
        await quiet();
        var journal = Path.Combine(mesh.Place.Data, "journal.db");
        var last = EndlessStatement.Execute(journal, "SELECT max(sequence_number) FROM journal") + more;
        var statement = new EndlessStatement(journal, "journal", "INSERT", string.Create(CultureInfo.InvariantCulture, $"NEW.sequence_number > {last}"));
        statement.Place();
        return (statement, last);
    }

    /// <summary>Until the node stands in the block; or for as long as the verb mostly takes after it was acknowledged, where it takes no more blocks.</summary>
    private static async Task StandsAsync((EndlessStatement Statement, long Last)? step, Task acting, Verb verb)
    {
        var (statement, last) = step!.Value;
        using var limit = new CancellationTokenSource(MeshClient.Patience);
        var (held, since) = (Stopwatch.StartNew(), (Stopwatch?)null);
        while (held.Elapsed < Stands && !(since?.ElapsedMilliseconds > verb.SpanMs))
        {
            Assert.False(limit.IsCancellationRequested, $"{verb.Name} has neither come to an end nor to block {last + 1}");
            if (acting.IsCompleted) since ??= Stopwatch.StartNew();
            if (!statement.IsHeldNow() || EndlessStatement.Execute(statement.Database, "SELECT max(sequence_number) FROM journal") < last) held.Restart();
            await Task.Delay(10, CancellationToken.None);
        }
    }

    /// <summary>Brings the last verb to its end, has all that waits or was put aside handled, and ends in order.</summary>
    private async Task FinishAsync(LivingMesh mesh, VerbRun cut, string context)
    {
        using var node = mesh.Place.Serve();
        using var client = await ConnectAsync(mesh, node);
        await SettleAsync(cut, client, context);
        var topology = await client.TopologyAsync();
        foreach (var agent in new[] { "ruled", "faulty" }) LivingMesh.Give(topology, agent, mesh.Modules.Better);
        Assert.True(await client.PostAsync("/v1/topology/apply", topology.ToJsonString()));
        if (await Verbs.IsPausedAsync(client)) Assert.True(await client.PostAsync("/v1/agents/counter/resume"));
        Assert.True(await client.PostAsync("/v1/quarantine/release?all=true"));
        foreach (var agent in LivingMesh.Counters) Assert.True(await client.PublishAsync(agent, mesh.NextId()));
        await MeshClient.UntilAsync($"{context}: all is handled", async () => (await client.GetAsync("/v1/agents"))["agents"]!.AsArray().All(a => Number(a!, "pending") == 0 && Number(a!, "quarantined") == 0));
        node.Terminate();
        await node.ExitAsync();
        Assert.True(node.ExitCode == 0, $"{context}: {node.Errors}");
    }

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();
}
