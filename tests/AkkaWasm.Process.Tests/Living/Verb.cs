using System.Text.Json.Nodes;

namespace AkkaWasm.Process.Tests.Living;

/// <summary>What is done to a mesh while its node is killed.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="SpanMs">Within which time it is mostly through, milliseconds.</param>
/// <param name="Blocks">How many blocks of the log it mostly takes.</param>
/// <param name="ActAsync">Does it; answers whether it was acknowledged. Once the node has ended it may not fail.</param>
internal sealed record Verb(string Name, int SpanMs, int Blocks, Func<VerbRun, Task<bool>> ActAsync)
{
    /// <summary>What comes before it, undisturbed.</summary>
    public Func<MeshClient, Task> PrepareAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>What it makes of the topology.</summary>
    public Action<LivingMesh, JsonNode> Change { get; init; } = (_, _) => { };

    /// <summary>Whether the topology is the changed one as soon as it is acknowledged.</summary>
    public bool IsDoneWhenAcknowledged { get; init; } = true;

    /// <summary>Whether the topology becomes by itself what it was.</summary>
    public bool ComesBack { get; init; }

    /// <summary>What holds after the restart beside what is true of the topology.</summary>
    public Func<VerbRun, Task> CheckAsync { get; init; } = _ => Task.CompletedTask;

    /// <summary>Brings it to its end after the restart; until the topology is what it is to be.</summary>
    public Func<VerbRun, Task> SettleAsync { get; init; } = async run => Assert.True(await run.Verb.ActAsync(run), $"{run.Verb.Name}: the node has ended");
}

/// <summary>A verb that is being done.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Client">The node that it is done to.</param>
/// <param name="Before">The topology before.</param>
/// <param name="Earlier">Where the topology before that came into force.</param>
/// <param name="Target">What the verb makes of it.</param>
/// <param name="Id">An id for an event that belongs to it.</param>
internal sealed record VerbRun(Verb Verb, MeshClient Client, JsonNode Before, string Earlier, JsonNode Target, string Id)
{
    /// <summary>Whether it was acknowledged.</summary>
    public bool Acknowledged { get; set; }

    /// <summary>When the node was killed, for messages.</summary>
    public string Moment { get; set; } = "";

    /// <summary>The topology that there is in the end.</summary>
    public JsonNode End => Verb.ComesBack ? Before : Target;

    public static async Task<VerbRun> BeginAsync(Verb verb, MeshClient client)
    {
        await verb.PrepareAsync(client);
        var before = await client.TopologyAsync();
        var target = before.DeepClone();
        verb.Change(client.Mesh, target);
        var changes = (await client.GetAsync("/v1/topology/history"))["changes"]!.AsArray();
        return new VerbRun(verb, client, before, changes[Math.Max(0, changes.Count - 2)]!["position"]!.GetValue<string>(), target, client.Mesh.NextId());
    }

    /// <summary>After a restart: the topology is whole the old one or the new one, and the new one if that was acknowledged; then the verb comes to its end.</summary>
    /// <returns>Whether it is the new one.</returns>
    public static async Task<bool> CheckAndSettleAsync(VerbRun cut, MeshClient client, string context)
    {
        var run = cut with { Client = client };
        var now = await client.TopologyAsync();
        var isNew = JsonNode.DeepEquals(now, run.Target);
        Assert.True(isNew || JsonNode.DeepEquals(now, run.Before), $"{context}: the topology is neither the old nor the new one: {Text(now)}; the old one: {Text(run.Before)}");
        if (run.Acknowledged && run.Verb.IsDoneWhenAcknowledged) Assert.True(isNew, $"{context}: it was acknowledged, and is not done: {Text(now)}");
        await run.Verb.CheckAsync(run);
        await run.Verb.SettleAsync(run);
        await MeshClient.UntilAsync($"{context}: the topology is that of the end", async () => JsonNode.DeepEquals(await client.TopologyAsync(), run.End));
        return isNew;
    }

    /// <summary>The agents with their modules: what differs most, in a line.</summary>
    private static string Text(JsonNode topology) => string.Join(", ", LivingMesh.Agents(topology).Select(agent => $"{agent.Key} {LivingMesh.ModuleOf(topology, agent.Key)}"));
}
