using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <summary>
/// The world outside: publishers that send an event again until they see it acknowledged, two sources, and a network between them and the mesh that
/// delays, loses, doubles and reorders what they send.
/// </summary>
internal sealed class Publishers
{
    private const int MaxPublished = 240;
    private const int SourceItems = 40;

    private readonly Dice dice;
    private readonly ISimulatedWorld world;
    private readonly Observations seen;
    private readonly Func<Fault, bool> has;
    private readonly Dictionary<string, MeshEvent> unacknowledged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MeshEvent> sent = new(StringComparer.Ordinal);
    private readonly List<Message> wire = [];
    private readonly SimulatedSource[] sources;
    private readonly List<(long After, long Before)> forgotten = [];
    private int published;

    public Publishers(Dice dice, ISimulatedWorld world, Observations seen, Func<Fault, bool> has, Sabotage sabotage)
    {
        (this.dice, this.world, this.seen, this.has) = (dice, world, seen, has);
        sources = [.. new[] { "/source0", "/source1" }.Select(name => new SimulatedSource(name,
            [.. Enumerable.Range(0, SourceItems).Select(i => world.Event(dice, SimulatedSource.IdOf(name, i), name, has(Fault.Trap)))], sabotage))];
        foreach (var source in sources) seen.SourceItems[source.Name] = SourceItems;
    }

    public bool IsDone => unacknowledged.Count == 0 && sources.All(s => s.IsDone);

    public string Waits => $"{unacknowledged.Count} events are not acknowledged, {sources.Count(s => !s.IsDone)} sources are not done";

    public void Publish()
    {
        if (published >= MaxPublished) return;
        var events = new MeshEvent[1 + dice.Next(3)];
        for (var i = 0; i < events.Length; i++)
        {
            var id = $"e{published++}";
            events[i] = unacknowledged[id] = sent[id] = world.Event(dice, id, "/tests", has(Fault.Trap));
        }
        wire.Add(new Message(new PublishBatch([.. events]), [.. events.Select(e => e.Id!)], null));
    }

    public void Republish()
    {
        if (unacknowledged.Count > 0) Send(unacknowledged.ElementAt(dice.Next(unacknowledged.Count)).Value);
    }

    public void RepublishAll()
    {
        foreach (var e in unacknowledged.Values.ToArray()) Send(e);
    }

    /// <summary>Whether the sources begin nothing.</summary>
    public bool ArePaused { get; set; }

    /// <summary>Whether nothing of the sources is underway.</summary>
    public bool AreSourcesQuiet => sources.All(s => s.IsQuiet);

    public void StepSource(TestMesh mesh)
    {
        var source = sources[dice.Next(sources.Length)];
        if (!ArePaused) source.Step(dice, mesh, wire.Add);
    }

    /// <summary>The mesh takes anew what was published in a stretch of its log: the ids in it stand for nothing any more.</summary>
    public void Forget(long after, long before) => forgotten.Add((after, before));

    /// <summary>Sources ask where they stand before they go on.</summary>
    public void RestartSources()
    {
        foreach (var source in sources) source.Disconnected();
    }

    public void StepSources(TestMesh mesh)
    {
        foreach (var source in sources) source.Step(dice, mesh, wire.Add);
    }

    /// <summary>One message arrives, or is lost, or arrives and is underway a second time.</summary>
    public void Deliver(TestMesh mesh)
    {
        if (wire.Count == 0) return;
        var unreliable = has(Fault.Network);
        var at = unreliable ? dice.Next(wire.Count) : 0;
        var message = wire[at];
        var isCopied = unreliable && message.Source is null && dice.OneIn(6);
        if (!isCopied) wire.RemoveAt(at);
        if (unreliable && message.Source is null && dice.OneIn(6))
        {
            seen.Count(Fault.Network);
            return;
        }
        if (isCopied) seen.Count(Fault.Network);
        var problem = mesh.Publish(message.Batch, message);
        if (problem is null) return;
        message.Source?.Refused();
        if (problem.Reason != PublishRefusal.Overloaded) throw new SimulationException($"What was published is refused: {problem.Message}");
    }

    public void DeliverAll(TestMesh mesh)
    {
        while (wire.Count > 0) Deliver(mesh);
    }

    /// <summary>An id that was acknowledged comes again with another content.</summary>
    public void Conflict(TestMesh mesh)
    {
        if (seen.Acknowledged.Count == 0) return;
        if (!sent.TryGetValue(seen.Acknowledged.Keys.ElementAt(dice.Next(seen.Acknowledged.Count)), out var known)) return;
        if (seen.Acknowledged[known.Id!].Any(offset => forgotten.Exists(f => f.After < offset && offset < f.Before))) return;
        seen.Count(Fault.Conflict);
        if (mesh.Publish(TestMesh.Batch(known with { Data = "another content"u8.ToArray() })) is null) seen.ConflictsTaken.Add(known.Id!);
    }

    /// <summary>The mesh says that a batch is safe; the word may be lost on the way.</summary>
    public void Acknowledge(AcknowledgePublish acknowledge, TestMesh mesh)
    {
        var message = (Message)acknowledge.Ticket;
        seen.Shown.Add(new Shown($"the acknowledgement of '{message.Ids[0]}'", acknowledge.Offsets.Max(), mesh.Store.DurableOffset));
        foreach (var (id, offset) in message.Ids.Zip(acknowledge.Offsets)) seen.Acknowledge(id, offset, mesh.Shard.EpochAt(offset));
        message.Source?.Acknowledged();
        if (message.Source is null && has(Fault.Network) && dice.OneIn(5)) seen.Count(Fault.Network);
        else foreach (var id in message.Ids) unacknowledged.Remove(id);
    }

    /// <summary>The mesh went away, and with it what was underway from sources, which ask before they go on.</summary>
    public void Disconnect()
    {
        wire.RemoveAll(m => m.Source is not null);
        RestartSources();
    }

    private void Send(MeshEvent e) => wire.Add(new Message(TestMesh.Batch(e), [e.Id!], null));
}
