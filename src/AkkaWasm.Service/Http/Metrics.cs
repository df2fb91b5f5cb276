using System.Diagnostics.Metrics;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Http;

/// <summary>All instruments of the service. Names and units follow OpenTelemetry; Prometheus sees them as <c>akkawasm_…</c>.</summary>
internal sealed class Metrics : IDisposable
{
    public const string MeterName = "AkkaWasm";

    private readonly Meter meter = new(MeterName);
    private readonly NodeAccess nodes;
    private readonly Counter<long> published;
    private readonly UpDownCounter<long> streams;
    private volatile IReadOnlyList<AgentStatus> agents = [];
    private volatile IReadOnlyList<PoolStatus> pools = [];
    private volatile IReadOnlyList<RuleStatus> rules = [];

    public Metrics(NodeAccess nodes)
    {
        this.nodes = nodes;
        published = meter.CreateCounter<long>("akkawasm.http.events", "{event}", "Events sent to /v1/events, by outcome.");
        streams = meter.CreateUpDownCounter<long>("akkawasm.http.streams", "{stream}", "Open streams.");
        Observe("akkawasm.events_in", "{event}", "Events published from outside, over all runs.", node => node.Progress.EventsIn);
        Observe("akkawasm.turns", "{turn}", "Turns, failed ones included, over all runs.", node => node.Progress.Turns);
        meter.CreateObservableGauge("akkawasm.backlog", () => nodes.Current?.Progress.Backlog ?? 0, "{delivery}", "Deliveries that wait.");
        meter.CreateObservableGauge("akkawasm.log.committed_offset", () => nodes.Status.CommittedOffset, "{record}", "Offset of the last record that is safe.");
        meter.CreateObservableGauge("akkawasm.ready", () => nodes.Status.IsReady ? 1 : 0, description: "1 while the node serves.");
        meter.CreateObservableGauge("akkawasm.agents.awake", () => nodes.Status.Load.Awake, "{agent}", "Agents that have a guest.");
        meter.CreateObservableGauge("akkawasm.agents.asleep", () => nodes.Status.Load.Asleep, "{agent}", "Agents that sleep.");
        meter.CreateObservableGauge("akkawasm.agents.queued", () => nodes.Status.Load.Queued, "{agent}", "Agents that have something to do and wait until others sleep.");
        meter.CreateObservableGauge("akkawasm.agents.max_awake", () => nodes.Status.Load.MaxAwake, "{agent}", "Agents that may be awake now; fewer while memory is short.");
        meter.CreateObservableCounter("akkawasm.agents.sleeps", () => nodes.Status.Load.Sleeps, "{time}", "How often an agent was put to sleep in this run.");
        meter.CreateObservableGauge("akkawasm.images.unsaved", () => nodes.Status.Load.UnsavedImages, "{image}", "Images of agents that are to be saved and are not yet.");
        meter.CreateObservableGauge("akkawasm.memory.resident", () => nodes.Status.Load.ResidentBytes, "By", "Memory of the process.");
        meter.CreateObservableGauge("akkawasm.memory.managed", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Managed heap of the process, garbage included.");
        meter.CreateObservableCounter("akkawasm.source.elements", SourceElements, "{element}", "Elements that a source has read and committed.");
        meter.CreateObservableGauge("akkawasm.agents", AgentsByState, "{agent}", "Agents by state.");
        meter.CreateObservableCounter("akkawasm.agent.failures", () => Sum(agent => agent.Failures), "{turn}", "Failed turns, by definition.");
        meter.CreateObservableCounter("akkawasm.agent.healed", () => Sum(agent => agent.Healed), "{time}", "How often agents came back after a failure, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.quarantined", () => Sum(agent => agent.Quarantined), "{event}", "Events that are put aside now, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.lag", () => Sum(agent => agent.Pending), "{event}", "Events that wait for agents, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.lag_age", () => Most(agent => agent.Health.AgeNs / 1e9), "s", "How long the oldest event that waits for an agent has waited, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.failure_share", () => Most(agent => agent.Health.FailureShare), "1", "Largest share of an agent's last 64 turns that failed, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.turn_time", () => Most(agent => (agent.Health.TurnNs ?? 0) / 1e9), "s", "How long a turn of the slowest agent that is awake takes on average, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.memory", () => Sum(agent => agent.Health.MemoryBytes ?? 0), "By", "Memories and GC heaps of agents that are awake and made a turn, by definition.");
        meter.CreateObservableGauge("akkawasm.agent.health", AgentsByHealth, "{agent}", "Agents by definition and level of health, the worse of what they and the mesh say; stopped ones are left out.");
        meter.CreateObservableGauge("akkawasm.pool.members", () => OfPools(pool => pool.Size), "{agent}", "Members of a pool that have partitions, by pool.");
        meter.CreateObservableGauge("akkawasm.pool.lag", () => OfPools(pool => pool.Pending), "{event}", "Events that wait for members of a pool, by pool.");
        meter.CreateObservableGauge("akkawasm.pool.held", () => OfPools(pool => pool.Held), "{event}", "Events of a pool that wait until another member has handled older ones of the same keys, by pool.");
        meter.CreateObservableCounter("akkawasm.rule.steps", StepsOfRules, "{step}", "What rules came to, by rule and step; begins anew where a rule is changed.");
        meter.CreateObservableGauge("akkawasm.rule.holding", () => rules.Select(rule => new Measurement<long>(rule.Holding, new KeyValuePair<string, object?>("rule", rule.Rule.Name))), "{agent}", "Agents for which the lines of a rule are crossed, by rule.");
    }

    public void Accepted(int events, int duplicates)
    {
        published.Add(events - duplicates, new KeyValuePair<string, object?>("outcome", "accepted"));
        published.Add(duplicates, new KeyValuePair<string, object?>("outcome", "duplicate"));
    }

    public void Refused(int status) => published.Add(1, new KeyValuePair<string, object?>("outcome", $"refused_{status}"));

    public void StreamOpened() => streams.Add(1);

    public void StreamClosed() => streams.Add(-1);

    /// <summary>Asks the node for its agents, pools and rules, so that what is read next is fresh.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        if (nodes.Current is not { } node) return;
        agents = await node.AgentsAsync(cancellation);
        pools = await node.PoolsAsync(cancellation);
        rules = await node.RulesAsync(cancellation);
    }

    public void Dispose() => meter.Dispose();

    private void Observe(string name, string unit, string description, Func<IMeshNode, long> read) =>
        meter.CreateObservableCounter(name, () => nodes.Current is { } node ? read(node) : 0, unit, description);

    private IEnumerable<Measurement<long>> SourceElements() =>
        nodes.Status.Sources.Select(source => new Measurement<long>(source.Elements, new KeyValuePair<string, object?>("source", source.Name)));

    private IEnumerable<Measurement<long>> AgentsByState() =>
        agents.GroupBy(agent => agent.State).Select(group => new Measurement<long>(group.Count(), new KeyValuePair<string, object?>("state", AgentJson.NameOf(group.Key))));

    private IEnumerable<Measurement<long>> OfPools(Func<PoolStatus, long> value) =>
        pools.Select(pool => new Measurement<long>(value(pool), new KeyValuePair<string, object?>("definition", pool.Name)));

    private IEnumerable<Measurement<long>> StepsOfRules() => rules.SelectMany(rule => Enum.GetValues<RuleStep>().Select(step =>
        new Measurement<long>(rule.CountOf(step), new KeyValuePair<string, object?>("rule", rule.Rule.Name), new KeyValuePair<string, object?>("step", RuleJson.StepOf(step)))));

    private IEnumerable<Measurement<double>> Most(Func<AgentStatus, double> value) =>
        agents.GroupBy(agent => agent.Definition).Select(group => new Measurement<double>(group.Max(value), new KeyValuePair<string, object?>("definition", group.Key)));

    private IEnumerable<Measurement<long>> AgentsByHealth() => agents.Where(agent => agent.State != AgentState.Stopped).GroupBy(agent => (agent.Definition, agent.Health.Level)).Select(group =>
        new Measurement<long>(group.Count(), new KeyValuePair<string, object?>("definition", group.Key.Definition), new KeyValuePair<string, object?>("level", AgentJson.NameOf(group.Key.Level))));

    private IEnumerable<Measurement<long>> Sum(Func<AgentStatus, long> count) =>
        agents.GroupBy(agent => agent.Definition).Select(group => new Measurement<long>(group.Sum(count), new KeyValuePair<string, object?>("definition", group.Key)));
}
