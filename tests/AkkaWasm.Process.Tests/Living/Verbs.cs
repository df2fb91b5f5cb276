using System.Text.Json.Nodes;
using static AkkaWasm.Process.Tests.Living.LivingMesh;

namespace AkkaWasm.Process.Tests.Living;

/// <summary>The verbs that change a mesh while it runs.</summary>
internal static class Verbs
{
    /// <summary>The name that the family is given.</summary>
    public const string Renamed = "kept";

    private const int PutAside = 5;
    private const int Leaving = 20;
    private const int InThePast = 10;
    private const string OldGroup = "night";
    private const string NewGroup = "day";
    private const string OnShare = "&canary=70%25";

    private static readonly string[] Keys = [.. Enumerable.Range(0, 10).Select(key => $"keyed.k{key}")];

    /// <summary>Exit codes of a verb of the program whose node goes: done, refused, no answer.</summary>
    private static readonly int[] OfAVerb = [0, 1, 6];

    public static readonly Verb Replace = new("topology apply", 150, 3, run => ApplyAsync(run)) { Change = (mesh, topology) => Give(topology, "counter", mesh.Modules.Better) };

    /// <summary>By the program itself; back to what was before <see cref="Replace"/>.</summary>
    public static readonly Verb RollBack = new("topology rollback", 1_200, 3, RollBackAsync)
    {
        Change = (mesh, topology) => Give(topology, "counter", mesh.Modules.Good),
        SettleAsync = async run => Assert.True(await run.Client.PostAsync($"/v1/topology/rollback?to={run.Earlier}")),
    };

    /// <summary>A module that always fails gets a budget; the node is killed when it comes.</summary>
    public static readonly Verb Watch = Watched("topology apply --watch", 150, 3, "counter", ["counter"], "");

    /// <summary>The node is killed while the change is taken back.</summary>
    public static readonly Verb WatchToTheEnd = Watched("topology apply --watch, rolled back", 900, 12, "counter", ["counter"], "");

    /// <summary>It is only tried on a share of a family.</summary>
    public static readonly Verb FailOnShare = Watched("topology apply --canary, rolled back", 900, 12, "keyed", Keys, OnShare);

    /// <summary>A good module is tried on a share of a family.</summary>
    public static readonly Verb Share = new("topology apply --canary", 200, 3, run => ApplyAsync(run, $"?watch=5m{OnShare}"))
    {
        PrepareAsync = PublishToKeysAsync,
        Change = (mesh, topology) => Give(topology, "keyed", mesh.Modules.Better),
        CheckAsync = async run => Assert.Equal(JsonNode.DeepEquals(await run.Client.TopologyAsync(), run.Target), await run.Client.TriesAsync("keyed")),
        SettleAsync = async run => Assert.True(await run.Client.TriesAsync("keyed") || await run.Verb.ActAsync(run)),
    };

    /// <summary>And the others get it too.</summary>
    public static readonly Verb Promote = new("topology canary promote", 200, 3, run => PromoteAsync(run.Client))
    {
        PrepareAsync = async client =>
        {
            await PublishToKeysAsync(client);
            var topology = await client.TopologyAsync();
            Give(topology, "keyed", client.Mesh.Modules.Better);
            Assert.True(await client.TriesAsync("keyed") || await client.PostAsync($"/v1/topology/apply?watch=5m{OnShare}", topology.ToJsonString()));
        },
        CheckAsync = async run => Assert.True(!run.Acknowledged || !await run.Client.TriesAsync("keyed"), "it was acknowledged that all have the version, and it is tried still"),
        SettleAsync = async run => Assert.True(!await run.Client.TriesAsync("keyed") || await run.Verb.ActAsync(run)),
    };

    public static readonly Verb Pool = new("pool resize", 150, 4, run => run.Client.PostAsync("/v1/pools/crew/resize?members=3"))
    {
        CheckAsync = async run =>
        {
            var pool = await run.Client.GetAsync("/v1/pools/crew");
            var members = pool["members"]!.AsArray();
            Assert.Equal(Number(pool, "partitions"), members.Sum(member => Number(member!, "partitions")));
            Assert.True(Number(pool, "size") is 3 || (Number(pool, "size") is 1 && !run.Acknowledged), $"the pool has {Number(pool, "size")} members");
            Assert.Equal(Number(pool, "size"), members.Count(member => Number(member!, "partitions") > 0));
        },
        SettleAsync = async run => Assert.True(Number(await run.Client.GetAsync("/v1/pools/crew"), "size") == 3 || await run.Verb.ActAsync(run)),
    };

    /// <summary>An event is put aside, and the rule gives its agent a module that can handle it.</summary>
    public static readonly Verb Rule = new("a rule", 2_000, 8, run => run.Client.PublishAsync("ruled", run.Id))
    {
        Change = (mesh, topology) => Give(topology, "ruled", mesh.Modules.Better),
        IsDoneWhenAcknowledged = false,
        CheckAsync = async run =>
        {
            var wasReplaced = await IsReplacedAsync(run);
            var hasActed = (await run.Client.GetAsync("/v1/rules/heals"))["recent"]!.AsArray().Any(step => step!["step"]!.GetValue<string>() == "acted");
            Assert.True(hasActed || !wasReplaced, "the module is the new one, and the rule does not say that it acted");
            Assert.True(!hasActed || await IsReplacedAsync(run), "the rule says that it acted, and the module is the old one");
        },
    };

    /// <summary>An agent gives another one another module.</summary>
    public static readonly Verb Integrate = new("mesh_v1.integrate", 200, 4, run => run.Client.PublishAsync("do", run.Id,
        new JsonObject { ["set"] = new JsonObject { ["agents"] = new JsonObject { ["worker"] = new JsonObject { ["module"] = run.Client.Mesh.Modules.Better } } } }.ToJsonString()))
    {
        Change = (mesh, topology) => Give(topology, "worker", mesh.Modules.Better),
        IsDoneWhenAcknowledged = false,
    };

    public static readonly Verb Pause = new("agent pause", 60, 2, run => run.Client.PostAsync("/v1/agents/counter/pause"))
    {
        CheckAsync = async run => Assert.True(await IsPausedAsync(run.Client) || !run.Acknowledged, "it was acknowledged that the agent is paused, and it is not"),
        SettleAsync = async run => Assert.True(await IsPausedAsync(run.Client) || await run.Client.PostAsync("/v1/agents/counter/pause"), "the node has ended"),
    };

    public static readonly Verb Resume = new("agent resume", 60, 2, run => run.Client.PostAsync("/v1/agents/counter/resume"))
    {
        PrepareAsync = async client => Assert.True(await IsPausedAsync(client) || await client.PostAsync("/v1/agents/counter/pause")),
        CheckAsync = async run => Assert.True(!run.Acknowledged || !await IsPausedAsync(run.Client), "it was acknowledged that the agent goes on, and it is paused"),
        SettleAsync = async run => Assert.True(!await IsPausedAsync(run.Client) || await run.Client.PostAsync("/v1/agents/counter/resume"), "the node has ended"),
    };

    /// <summary>What an agent put aside is handled by another module.</summary>
    public static readonly Verb Release = new("topic dlq release", 100, 4, run => run.Client.PostAsync("/v1/quarantine/release?agent=faulty"))
    {
        PrepareAsync = async client =>
        {
            for (var i = 0; i < PutAside; i++) Assert.True(await client.PublishAsync("faulty", client.Mesh.NextId()));
            await MeshClient.UntilAsync("all is put aside", async () => Number(await client.AgentAsync("faulty"), "quarantined") == PutAside);
            await ChangeAsync(client, topology => Give(topology, "faulty", client.Mesh.Modules.Good));
        },
        CheckAsync = async run =>
        {
            var left = Number(await run.Client.AgentAsync("faulty"), "quarantined");
            Assert.True(left == 0 || (left == PutAside && !run.Acknowledged), $"{left} events are put aside");
        },
        SettleAsync = async run =>
        {
            if (Number(await run.Client.AgentAsync("faulty"), "quarantined") > 0) Assert.True(await run.Verb.ActAsync(run));
        },
    };

    /// <summary>An agent goes when it has handled what waits for it.</summary>
    public static readonly Verb Drain = new("topology apply --drain", 200, 4, run => ApplyAsync(run, "?drain=5m"))
    {
        PrepareAsync = client => Task.WhenAll(Enumerable.Range(0, Leaving).Select(_ => client.PublishAsync("leaving", client.Mesh.NextId()))),
        Change = (_, topology) => Agents(topology).Remove("leaving"),
        IsDoneWhenAcknowledged = false,
    };

    /// <summary>A family gets another name, with all that its agents counted.</summary>
    public static readonly Verb Rename = new("topology apply, renamed", 150, 3, run => ApplyAsync(run))
    {
        PrepareAsync = async client =>
        {
            await PublishToKeysAsync(client);
            if (await client.TriesAsync("keyed")) Assert.True(await PromoteAsync(client)); // what is watched keeps its name
        },
        Change = (_, topology) =>
        {
            var family = Agents(topology)["keyed"]!.DeepClone();
            family["renamed-from"] = "keyed";
            Agents(topology).Remove("keyed");
            Agents(topology)[Renamed] = family;
        },
        CheckAsync = async run =>
        {
            var names = (await run.Client.GetAsync("/v1/agents"))["agents"]!.AsArray().Select(agent => agent!["name"]!.GetValue<string>().Split('/')[0]).ToHashSet();
            Assert.True(names.Contains(Renamed) != names.Contains("keyed"), $"the family is called {string.Join(" and ", names)}");
            await PublishToKeysAsync(run.Client);
        },
    };

    /// <summary>A group that is paused gets another name, and stays paused under the one that it has.</summary>
    public static readonly Verb RenameGroup = new("topology apply, renamed-from", 150, 3, run => ApplyAsync(run))
    {
        PrepareAsync = async client => Assert.True(await IsGroupPausedAsync(client) || await client.PostAsync($"/v1/groups/{GroupOf(await client.TopologyAsync())}/pause")),
        Change = (_, topology) =>
        {
            var groups = Mesh(topology)["groups"]!.AsObject();
            var group = groups[OldGroup]!.DeepClone();
            group["renamed-from"] = OldGroup;
            groups.Remove(OldGroup);
            groups[NewGroup] = group;
            Agents(topology)["faulty"]!["group"] = NewGroup;
        },
        CheckAsync = async run => Assert.True(await IsGroupPausedAsync(run.Client), "the group was paused, and goes on"),
        SettleAsync = async run => Assert.True(await run.Verb.ActAsync(run) && await run.Client.PostAsync($"/v1/groups/{NewGroup}/resume")),
    };

    /// <summary>An agent is brought what the counter got so far, and gets what comes for it from there on.</summary>
    public static readonly Verb SubscribeFrom = new("topology apply, subscribe-from", 400, 8, run => ApplyAsync(run))
    {
        PrepareAsync = async client =>
        {
            for (var i = 0; i < InThePast; i++) Assert.True(await PublishAsync(client, ["counter", "late"]));
        },
        Change = (_, topology) =>
        {
            Agents(topology)["late"]!["subscribe"]!.AsArray().Add("probe.counter");
            Agents(topology)["late"]!["subscribe-from"] = "beginning";
        },
        SettleAsync = async run =>
        {
            Assert.True(await run.Verb.ActAsync(run));
            run.Client.Mesh.IsBroughtThePast = true;
        },
    };

    /// <summary>An agent goes back to the module that it had before, alone; what it handled since it handles again.</summary>
    public static readonly Verb RewindVersion = new("agent rewind, previous version", 100, 3, run => run.Client.PostAsync("/v1/agents/older/rewind?previous_version=true"))
    {
        PrepareAsync = async client =>
        {
            for (var i = 0; i < InThePast; i++) Assert.True(await PublishAsync(client, ["older"]));
            await ChangeAsync(client, topology => Give(topology, "older", client.Mesh.Modules.Better));
            for (var i = 0; i < InThePast; i++) Assert.True(await PublishAsync(client, ["older"]));
            await MeshClient.UntilAsync("all is handled by the present version", async () => await client.AgentAsync("older") is var agent && Number(agent, "pending") == 0 && Number(agent, "turns") >= 2 * InThePast);
        },
        CheckAsync = async run =>
        {
            var agent = await run.Client.AgentAsync("older");
            var (older, present) = (HashOf(run.Client.Mesh.Modules.Good), HashOf(run.Client.Mesh.Modules.Better));
            var runs = agent["module"]!.GetValue<string>();
            Assert.True(runs == older || (runs == present && !run.Acknowledged), $"it runs {runs}; {older} was before, {present} is defined");
            Assert.Equal(runs == older, agent["runs_module"] is not null);
            Assert.Equal(runs == older ? 3 : 2, Number(agent, "incarnation"));
        },
        SettleAsync = async run => Assert.True((await run.Client.AgentAsync("older"))["runs_module"] is not null || await run.Verb.ActAsync(run)),
    };

    /// <summary>All of them, in an order in which each finds what it needs.</summary>
    public static readonly Verb[] All =
        [Replace, RollBack, Watch, Pool, Rule, WatchToTheEnd, FailOnShare, Share, Promote, Integrate, RenameGroup, Release, SubscribeFrom, RewindVersion, Pause, Resume, Drain, Rename];

    /// <summary>One of each kind, for a short test; pools are killed in <see cref="PoolKillTests"/>.</summary>
    public static Verb[] Some(Random random) =>
    [
        Replace, RollBack, OneOf(random, Watch, WatchToTheEnd), OneOf(random, Share, Promote, FailOnShare), Rule, Integrate, RenameGroup, Release, SubscribeFrom, RewindVersion,
        OneOf(random, Pause, Resume), Drain, Rename,
    ];

    private static Task<bool> PromoteAsync(MeshClient client) => client.PostAsync("/v1/topology/canaries/keyed/promote");

    private static Verb OneOf(Random random, params Verb[] verbs) => verbs[random.Next(verbs.Length)];

    /// <summary>Whether the counter waits for an operator.</summary>
    public static async Task<bool> IsPausedAsync(MeshClient client) => (await client.AgentAsync("counter"))["state"]!.GetValue<string>() == "paused";

    private static async Task<bool> IsGroupPausedAsync(MeshClient client) => (await client.AgentAsync("faulty"))["state"]!.GetValue<string>() == "paused";

    private static string GroupOf(JsonNode topology) => Agents(topology)["faulty"]!["group"]!.GetValue<string>();

    private static async Task<bool> IsReplacedAsync(VerbRun run) => ModuleOf(await run.Client.TopologyAsync(), "ruled") == run.Client.Mesh.Modules.Better;

    private static Verb Watched(string name, int spanMs, int blocks, string agent, string[] topics, string how) => new(
        name, spanMs, blocks, async run => await ApplyAsync(run, $"?watch=5m&failure_budget=1&within=5m{how}") && await PublishAsync(run.Client, topics) && await PublishAsync(run.Client, topics))
    {
        PrepareAsync = async client => Assert.True(await PublishAsync(client, topics)),
        Change = (mesh, topology) => Give(topology, agent, mesh.Modules.Bad),
        IsDoneWhenAcknowledged = false, ComesBack = true,
        SettleAsync = run => MeshClient.UntilAsync("the bad module is taken back", async () =>
            JsonNode.DeepEquals(await run.Client.TopologyAsync(), run.Before) || !await PublishAsync(run.Client, topics)),
    };

    private static async Task<bool> PublishAsync(MeshClient client, string[] topics)
    {
        foreach (var topic in topics)
            if (!await client.PublishAsync(topic, client.Mesh.NextId())) return false;
        return true;
    }

    private static async Task PublishToKeysAsync(MeshClient client) => Assert.True(await PublishAsync(client, Keys));

    private static Task<bool> ApplyAsync(VerbRun run, string how = "") => run.Client.PostAsync($"/v1/topology/apply{how}", run.Target.ToJsonString());

    private static async Task ChangeAsync(MeshClient client, Action<JsonNode> change)
    {
        var topology = await client.TopologyAsync();
        change(topology);
        Assert.True(await client.PostAsync("/v1/topology/apply", topology.ToJsonString()));
    }

    private static async Task<bool> RollBackAsync(VerbRun run)
    {
        using var verb = await NodeProcess.RunAsync(["topology", "rollback", run.Earlier, "--data", run.Client.Mesh.Place.Data]);
        Assert.True(OfAVerb.Contains(verb.ExitCode), $"exit code {verb.ExitCode}: {verb.Output}{verb.Errors}");
        return verb.ExitCode == 0;
    }

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();
}
