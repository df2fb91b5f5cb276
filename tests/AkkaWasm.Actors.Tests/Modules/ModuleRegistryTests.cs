using System.Collections.Immutable;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Modules;

/// <summary>Modules pushed, named, verified and collected, on a node and without one.</summary>
public sealed class ModuleRegistryTests : IDisposable
{
    private static readonly string[] Guests = ["counter", "echo", "gcstate", "hop", "small"];
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    private LogLocation Location => new(folder.Data);

    private string ModulesFolder => Path.Combine(folder.Data, "modules");

    private static string HashOf(string guest) => ModuleStore.HashOf(Repository.Guest(guest));

    private static ModulePush Push(string guest, string? version = null, string? signature = null) =>
        new(Repository.Guest(guest), guest + ".wat") { Name = version is null ? null : guest, Version = version, Signatures = signature };

    private static ModuleReference Ref(string text) => ModuleReference.TryParse(text, out var reference, out var problem) ? reference : throw new ArgumentException(problem);

    private MeshNodeOptions Options(params string[] guests) => new()
    {
        Topology = Topologies.Of([.. guests.Select(g => Topologies.Wat(g, g, "in"))]), DataFolder = folder.Data, Modules = Topologies.Modules(guests),
        ModuleStore = new ModuleOptions { GcGrace = TimeSpan.Zero },
    };

    private static TopologyTarget Target(params string[] guests) => new(Topologies.Of([.. guests.Select(g => Topologies.Wat(g, g, "in"))])) { Modules = Topologies.Modules(guests) };

    private OfflineModules Take(ModuleOptions? options = null) => OfflineModules.Take(Location, options ?? new ModuleOptions { GcGrace = TimeSpan.Zero });

    [Fact]
    public async Task A_version_names_its_content_for_ever()
    {
        using (var modules = Take())
        {
            Assert.Equal(PushOutcome.Pushed, (await modules.PushAsync(Push("counter", "1.0.0"))).Outcome);
            Assert.Equal(PushOutcome.Unchanged, (await modules.PushAsync(Push("counter", "1.0.0"))).Outcome);
            Assert.Equal(PushOutcome.Pushed, (await modules.PushAsync(Push("counter", "1.1.0"))).Outcome);
            var conflict = await modules.PushAsync(Push("echo") with { Name = "counter", Version = "1.0.0" });
            Assert.Equal(PushOutcome.Conflict, conflict.Outcome);
            Assert.Contains(HashOf("counter"), conflict.Problem, StringComparison.Ordinal);
            Assert.Contains(HashOf("echo"), conflict.Problem, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(ModulesFolder, HashOf("echo") + ".wasm")));
        }
        using var again = OfflineModules.Open(Location, new ModuleOptions());
        Assert.Equal(new ResolvedModule("counter@1.1.0", HashOf("counter")), again.Resolve(Ref("counter@^1")));
        var info = Assert.Single(await again.ListAsync(withLog: true));
        Assert.Equal((HashOf("counter"), "1.0.0 1.1.0"), (info.Hash, string.Join(' ', info.Names.Select(n => n.Version))));
        Assert.True(again.Read(info.Hash)!.Value.Span.SequenceEqual(Repository.Guest("counter")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => again.PushAsync(Push("echo")));
    }

    [Fact]
    public async Task What_cannot_be_an_agent_or_is_past_a_limit_is_refused_and_not_kept()
    {
        using var modules = Take(new ModuleOptions { MaxBytes = 10_000, MaxNames = 1 });
        await Refused(Push("counter") with { Bytes = "(module)"u8.ToArray() }, "exports no memory");
        await Refused(Push("counter") with { Bytes = new byte[10_001] }, "modules.max-bytes");
        await Refused(Push("counter") with { Name = "n" }, "needs a version");
        await Refused(Push("counter") with { Version = "1.0.0" }, "no name");
        await Refused(Push("counter") with { Name = "n", Version = "1.0" }, "no version");
        Assert.Equal(PushOutcome.Pushed, (await modules.PushAsync(Push("counter", "1.0.0"))).Outcome);
        await Refused(Push("echo", "1.0.0"), "modules.max-names");
        Assert.Single(await modules.ListAsync(withLog: false));

        async Task Refused(ModulePush push, string why)
        {
            var answer = await modules.PushAsync(push);
            Assert.Equal(PushOutcome.Refused, answer.Outcome);
            Assert.Contains(why, answer.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_says_which_agents_and_which_topologies_use_a_module()
    {
        await using var node = await MeshNode.StartAsync(Options("counter", "echo"));
        await node.ModuleRegistry.PushAsync(Push("counter", "1.0.0"));
        await node.ApplyTopologyAsync(Target("counter"), null, TopologyAuthor.Operator, "");
        var (counter, echo) = ((await node.ModuleRegistry.FindAsync(Ref("counter"), true))!, (await node.ModuleRegistry.FindAsync(Ref(HashOf("echo")), true))!);
        Assert.Equal(("counter", 2), (Assert.Single(counter.Agents), counter.Topologies!.Value.Length));
        Assert.Equal((0, "echo"), (echo.Agents.Length, Assert.Single(Assert.Single(echo.Topologies!.Value).Agents)));
        Assert.Equal((await node.TopologyAsync()).At.ToString(), counter.Topologies.Value[1].Position);
        Assert.All(await node.ModuleRegistry.ListAsync(withLog: false), info => Assert.Null(info.Topologies));
        Assert.Null(await node.ModuleRegistry.FindAsync(Ref("nothing"), true));
    }

    [Fact]
    public async Task What_a_topology_of_the_retained_log_uses_stays_and_goes_when_the_log_begins_later()
    {
        await using (var node = await MeshNode.StartAsync(Options("counter", "echo")))
        {
            foreach (var guest in Guests) await node.ModuleRegistry.PushAsync(Push(guest, guest == "hop" ? "1.0.0" : null));
            await node.ApplyTopologyAsync(Target("counter", "gcstate"), null, TopologyAuthor.Operator, "");
            await node.ApplyTopologyAsync(Target("counter"), null, TopologyAuthor.Operator, "");
            var outlook = await node.ModuleRegistry.CollectAsync(new CollectOptions { DryRun = true });
            Assert.Equal((HashOf("small"), 3, 1), (Assert.Single(outlook.Removed).Hash, outlook.Used, outlook.Named));
            Assert.Equal(5, (await node.ModuleRegistry.ListAsync(false)).Count);
            Assert.Equal(HashOf("small"), Assert.Single((await node.ModuleRegistry.CollectAsync(new CollectOptions())).Removed).Hash);
            await FeedAsync(node, 60);
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data)) Assert.All(log.ReplayAll(), report => Assert.Null(report.Divergence));
        LogMaintenance.Compact(Location with { Retention = new RetentionOptions { Bytes = 0, Snapshots = 1, LeastBytes = 0 } }, dryRun: false);
        using (var modules = Take())
        {
            var collection = await modules.CollectAsync(new CollectOptions { Named = true });
            Assert.Equal(new[] { "echo", "gcstate", "hop" }.Select(HashOf).Order(), collection.Removed.Select(r => r.Hash).Order());
            Assert.Empty((await modules.VerifyAsync()).Findings);
            var gone = Assert.Single(await modules.ListAsync(true), info => !info.IsKept);
            Assert.Equal((HashOf("hop"), "hop"), (gone.Hash, gone.Names[0].Name));
            Assert.Equal(PushOutcome.Conflict, (await modules.PushAsync(Push("echo") with { Name = "hop", Version = "1.0.0" })).Outcome);
            Assert.Equal(PushOutcome.Pushed, (await modules.PushAsync(Push("hop", "1.0.0"))).Outcome);
        }
        await using var again = await MeshNode.StartAsync(Options("counter"));
        Assert.Equal(60, (await again.SummaryAsync()).Agents.Single(a => a.Status.Name == "counter").Status.Turns - 1);
    }

    [Fact]
    public async Task Young_content_stays_and_so_does_what_is_being_planned()
    {
        var time = new ManualTime();
        var options = Options("counter") with { Time = time, ModuleStore = new ModuleOptions { GcGrace = TimeSpan.FromHours(1) } };
        await using var node = await MeshNode.StartAsync(options);
        node.KeepModule(Repository.Guest("echo"));
        Assert.Equal((0, 1), await Collect());
        time.Advance(TimeSpan.FromMinutes(59));
        await node.PlanTopologyAsync(Target("counter", "echo"));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((0, 1), await Collect());
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((0, 1), await Collect(TimeSpan.FromDays(1)));
        Assert.Equal((1, 0), await Collect());

        async Task<(int, int)> Collect(TimeSpan? olderThan = null)
        {
            var collection = await node.ModuleRegistry.CollectAsync(new CollectOptions { OlderThan = olderThan });
            return (collection.Removed.Count, collection.Young);
        }
    }

    [Fact]
    public void Content_that_is_leased_during_a_sweep_is_not_deleted_by_it()
    {
        var leases = new ModuleStore(folder.Path).Leases;
        var before = leases.Take(["a"]);
        leases.Begin();
        leases.Take(["b"]).Dispose();
        before.Dispose();
        Assert.Equal((false, false, true), (leases.TryDelete("a", () => { }), leases.TryDelete("b", () => { }), leases.TryDelete("c", () => { })));
        leases.End();
        leases.Begin();
        Assert.True(leases.TryDelete("a", () => { }));
    }

    [Fact]
    public async Task Damage_is_named_by_verify_and_refused_at_the_start_and_mended_by_pushing_again()
    {
        await using (var node = await MeshNode.StartAsync(Options("counter"))) await node.ModuleRegistry.PushAsync(Push("echo", "1.0.0"));
        var file = Path.Combine(ModulesFolder, HashOf("counter") + ".wasm");
        var bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 1;
        File.WriteAllBytes(file, bytes);
        File.Delete(Path.Combine(ModulesFolder, HashOf("echo") + ".wasm"));
        using (var modules = Take())
        {
            var verification = await modules.VerifyAsync();
            Assert.Equal([(ModuleFlaw.Damaged, HashOf("counter")), (ModuleFlaw.Missing, HashOf("echo"))], verification.Findings.Select(f => (f.Flaw, f.Hash)));
            Assert.Contains(file, verification.Findings[0].Message, StringComparison.Ordinal);
            Assert.Throws<MeshNodeException>(() => modules.Read(HashOf("counter")));
        }
        var refused = await Assert.ThrowsAsync<MeshNodeException>(() => MeshNode.StartAsync(Options("counter")));
        Assert.Equal(NodeFailure.ModuleRefused, refused.Failure);
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        using (var modules = Take())
        {
            await modules.PushAsync(Push("counter"));
            await modules.PushAsync(Push("echo", "1.0.0"));
            Assert.Empty((await modules.VerifyAsync()).Findings);
            File.AppendAllText(Path.Combine(ModulesFolder, "names"), "0123\n");
            Assert.Equal(ModuleFlaw.Names, Assert.Single((await modules.VerifyAsync()).Findings).Flaw);
        }
        await using var again = await MeshNode.StartAsync(Options("counter"));
        await Assert.ThrowsAsync<MeshNodeException>(() => again.ModuleRegistry.CollectAsync(new CollectOptions()));
    }

    [Fact]
    public async Task Where_a_signature_is_required_nothing_is_pushed_planned_or_started_without_one()
    {
        var (keys, others) = (Keys.Ecdsa(), Keys.Ecdsa());
        var options = Options("counter") with { ModuleStore = keys.Trusted() };
        Assert.Contains("no signature", (await Assert.ThrowsAsync<MeshNodeException>(() => MeshNode.StartAsync(options))).Message, StringComparison.Ordinal);
        var signed = new ModuleFile(Repository.Guest("counter"), "counter.wat") { Signatures = ModuleSignature.Sign(Repository.Guest("counter"), keys.Private) };
        await using var node = await MeshNode.StartAsync(options with { Modules = ImmutableDictionary<string, ModuleFile>.Empty.Add(HashOf("counter"), signed) });
        var echo = Repository.Guest("echo");
        Assert.Equal(PushOutcome.Refused, (await node.ModuleRegistry.PushAsync(Push("echo", "1.0.0"))).Outcome);
        Assert.Equal(PushOutcome.Refused, (await node.ModuleRegistry.PushAsync(Push("echo", "1.0.0", ModuleSignature.Sign(echo, others.Private)))).Outcome);
        var plan = await node.PlanTopologyAsync(Target("counter", "echo"));
        Assert.Contains("no signature", Assert.Single(plan.Plan.Problems).Message, StringComparison.Ordinal);
        Assert.Equal(ModuleFlaw.Unsigned, Assert.Single((await node.ModuleRegistry.VerifyAsync()).Findings).Flaw);
        Assert.Equal(TopologyOutcome.Refused, (await node.ApplyTopologyAsync(Target("counter", "echo"), null, TopologyAuthor.Operator, "")).Outcome);
        Assert.Empty(node.ModuleRegistry.AddSignatures(HashOf("echo"), ModuleSignature.Sign(echo, others.Private)));
        Assert.Equal(ModuleFlaw.Untrusted, Assert.Single((await node.ModuleRegistry.VerifyAsync()).Findings).Flaw);
        Assert.Equal("ours", Assert.Single(node.ModuleRegistry.AddSignatures(HashOf("echo"), ModuleSignature.Sign(echo, keys.Private))));
        Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(Target("counter", "echo"), null, TopologyAuthor.Operator, "")).Outcome);
        Assert.Equal((2, "ours"), ((await node.ModuleRegistry.FindAsync(Ref(HashOf("echo")), true))!.Signatures, (await node.ModuleRegistry.FindAsync(Ref(HashOf("echo")), true))!.SignedBy[0]));
        Assert.Throws<MeshNodeException>(() => node.ModuleRegistry.AddSignatures(HashOf("echo"), "no base64!"));
    }

    [Fact]
    public async Task What_a_crash_left_behind_is_swept()
    {
        using var modules = Take();
        await modules.PushAsync(Push("counter", "1.0.0"));
        File.WriteAllText(Path.Combine(ModulesFolder, HashOf("echo") + ".wasm.7.new"), "half a modu");
        File.WriteAllText(Path.Combine(ModulesFolder, HashOf("echo") + ".sig"), "AAAA\n");
        Assert.Equal(2, (await modules.CollectAsync(new CollectOptions { DryRun = true })).Leftovers);
        Assert.Equal(2, (await modules.CollectAsync(new CollectOptions())).Leftovers);
        Assert.Equal([HashOf("counter") + ".wasm", "names"], Directory.GetFiles(ModulesFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Wherever_a_collection_is_cut_off_the_store_can_be_used_and_the_next_one_ends_it()
    {
        var content = Path.Combine(ModulesFolder, HashOf("counter") + ".wasm");
        for (var step = 0; step < 3; step++)
        {
            using (var modules = Take()) await modules.PushAsync(Push("counter", "1.0.0", Convert.ToBase64String([1])));
            var names = new AkkaWasm.Actors.Modules.NameFile(Path.Combine(ModulesFolder, "names"));
            names.Read();
            names.Append([new AkkaWasm.Actors.Modules.NameEntry(HashOf("counter"), null)]);
            if (step == 1) File.Delete(content);
            using var after = Take();
            Assert.Empty((await after.VerifyAsync()).Findings);
            Assert.Null(after.Resolve(Ref("counter@^1")));
            if (step == 2)
            {
                Assert.Equal(PushOutcome.Pushed, (await after.PushAsync(Push("counter", "1.0.0"))).Outcome); // it comes back instead
                Assert.NotNull(after.Resolve(Ref("counter@^1")));
                Assert.Equal(1, (await after.CollectAsync(new CollectOptions())).Named);
                continue;
            }
            var collection = await after.CollectAsync(new CollectOptions());
            Assert.Equal((1 - step, step), (collection.Removed.Count, collection.Leftovers));
            Assert.Equal(["names"], Directory.GetFiles(ModulesFolder).Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task An_archive_carries_names_and_signatures()
    {
        var keys = Keys.Ecdsa();
        await using (var node = await MeshNode.StartAsync(Options("counter")))
            await node.ModuleRegistry.PushAsync(Push("counter", "1.0.0", ModuleSignature.Sign(Repository.Guest("counter"), keys.Private)));
        using var archive = new MemoryStream();
        LogMaintenance.Export(Location, archive);
        archive.Position = 0;
        LogMaintenance.Import(archive, Path.Combine(folder.Path, "moved"));
        using var moved = OfflineModules.Open(new LogLocation(Path.Combine(folder.Path, "moved")), keys.Trusted());
        var info = await moved.FindAsync(Ref("counter@1.x"), true);
        Assert.Equal(("ours", "counter"), (info!.SignedBy.Single(), info.Agents.Single()));
    }

    private static async Task FeedAsync(MeshNode node, int count)
    {
        for (var i = 0; i < count; i++) await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = $"{i}", Source = "/test", Data = "1"u8.ToArray() }]));
        await node.WhenIdleAsync();
    }
}
