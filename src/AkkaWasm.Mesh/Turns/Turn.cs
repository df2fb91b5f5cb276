using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// One event handled by one agent: all that the guest can see, and all that it does. Everything the guest sees follows from the
/// event, its place in the log and the definition; everything it does is kept here and takes effect only if the turn succeeds.
/// A call that may not be ends the turn with a <see cref="GuestFaultException"/>.
/// </summary>
/// <param name="agent">The agent.</param>
/// <param name="input">The event; for turn 0 the one that says the agent started.</param>
/// <param name="identity">Derives ids and sources.</param>
/// <param name="isReplay">Whether it is a recorded turn that is run again.</param>
public sealed class Turn(AgentIdentity agent, MeshEvent input, EventIdentity identity, bool isReplay = false)
{
    /// <summary>Longest subject or content type, characters; as for events from outside.</summary>
    public const int MaxAttributeLength = 1_024;

    private List<TurnOutput>? outputs;
    private TurnRandom? random;
    private long emittedBytes;
    private int emitted;
    private int logLines;

    /// <summary>The agent.</summary>
    public AgentIdentity Agent => agent;

    /// <summary>The event it handles.</summary>
    public MeshEvent Input => input;

    /// <summary>
    /// Whether a turn that succeeded is run again. It is bound by no deadline, no fuel, no capability and no limit on what it emits: those in
    /// force at the time were kept, and the ones of today must not change what happened.
    /// </summary>
    public bool IsReplay => isReplay;

    /// <summary>What it did so far.</summary>
    public IReadOnlyList<TurnOutput> Outputs => outputs is null ? [] : outputs;

    /// <summary>The time of the turn: when its event was appended, nanoseconds since the Unix epoch.</summary>
    public long NowNs => input.AppendedAtNs;

    /// <summary>The event's id, stored or derived.</summary>
    public string InputId => identity.IdOf(input);

    /// <summary>The event's source, stored or derived.</summary>
    public string InputSource => identity.SourceOf(input);

    /// <summary>Publishes to a topic.</summary>
    public void Publish(string topic, ReadOnlyMemory<byte> data, string? subject = null, string? contentType = null) =>
        Emit(EventOrigin.Emitted, Allowed(agent.PublishTo, "publish", topic), data, subject, contentType);

    /// <summary>Sends to one agent.</summary>
    public void Send(string target, ReadOnlyMemory<byte> data) =>
        Emit(EventOrigin.Direct, AgentName.Inbox(AllowedAgent(agent.SendTo, "send", target)), data);

    /// <summary>Publishes a request; the answer, or its time-out, comes as an event with the same correlation.</summary>
    /// <returns>The correlation.</returns>
    public long Request(string topic, ReadOnlyMemory<byte> data, long timeoutMs)
    {
        if (timeoutMs is < 1 or > MaxDelayMs) throw Bad("request", $"a time-out of {timeoutMs} ms; 1 to {MaxDelayMs} are possible");
        var correlation = NextHandle();
        Emit(EventOrigin.Request, Allowed(agent.RequestTo, "request", topic), data, null, null, correlation, timeoutMs * 1_000_000);
        return correlation;
    }

    /// <summary>Answers the request that is being handled.</summary>
    public void Reply(ReadOnlyMemory<byte> data)
    {
        if (input.Origin != EventOrigin.Request) throw Bad("reply", "the event being handled is no request");
        Emit(EventOrigin.Reply, AgentName.Inbox(agent.NameOf(input.Agent, input.Incarnation)), data, null, null, input.Correlation);
    }

    /// <summary>Sets a timer; an empty topic stands for the agent's private one.</summary>
    /// <returns>The handle of the timer.</returns>
    public long Schedule(long delayMs, string topic, ReadOnlyMemory<byte> data)
    {
        if (!isReplay && !agent.Definition.Capabilities.Schedule) throw Denied("schedule", "set timers", "schedule = true");
        if (delayMs is < 0 or > MaxDelayMs) throw Bad("schedule", $"a delay of {delayMs} ms; 0 to {MaxDelayMs} are possible");
        var timer = NextHandle();
        Add(new TimerSet(timer, delayMs * 1_000_000, topic.Length == 0 ? AgentName.Inbox(agent.Name) : Allowed(agent.PublishTo, "schedule", topic), data), data.Length);
        return timer;
    }

    /// <summary>Takes a timer back, also one that fired and was not handled yet. Without effect on one that is gone.</summary>
    public void Cancel(long timer) => Add(new TimerCancelled(timer));

    /// <summary>Starts the agent <c>family/key</c>.</summary>
    public void Spawn(string name)
    {
        if (!isReplay && !agent.Definition.Capabilities.Spawn) throw Denied("spawn", "start agents", "spawn = true");
        if (!AgentName.TrySplit(name, out var family, out var key)) throw Bad("spawn", $"the name '{name}'; write family/key");
        Add(new AgentSpawned(family, key));
    }

    /// <summary>Stops an agent that this one started, or itself.</summary>
    public void Stop(string name)
    {
        if (!isReplay && !agent.Definition.Capabilities.Spawn) throw Denied("stop", "stop agents", "spawn = true");
        Add(new AgentStopped(AgentName.Canonical(name)));
    }

    /// <summary>Asks to be told when an agent stops.</summary>
    public void Watch(string name) => Add(new AgentWatched(AllowedAgent(agent.MayWatch, "watch", name)));

    /// <summary>Asks for a change of the topology, up to <see cref="AgentLimits.ChangeBytes"/>; the answer comes as an event with the same correlation.</summary>
    /// <returns>The correlation.</returns>
    public long Integrate(ReadOnlyMemory<byte> change)
    {
        if (!isReplay && agent.Definition.Capabilities.Integrate.IsEmpty) throw Denied("integrate", "change the topology", "integrate += \"GROUP.*\"");
        if (!isReplay && change.Length > agent.Definition.Limits.ChangeBytes)
            throw Limit("change-bytes", $"the turn asked for a change with a text of {change.Length} bytes, at most {agent.Definition.Limits.ChangeBytes} are allowed (limits.change-bytes)");
        var correlation = NextHandle();
        Add(new ChangeAsked(correlation, change), change.Length);
        return correlation;
    }

    /// <summary>Fills with random bytes, the same whenever the turn is repeated.</summary>
    public void Random(Span<byte> destination)
    {
        var numbers = random ?? new TurnRandom(agent.Number, agent.Incarnation, input.Offset);
        numbers.Fill(destination);
        random = numbers;
    }

    /// <summary>Says how the agent is: 0 well, 1 degraded, 2 overloaded; and why, up to <see cref="HealthPolicy.MaxReasonBytes"/>.</summary>
    public void Health(int level, string reason)
    {
        if (level is < 0 or > 2) throw Bad("health", $"the level {level}; 0 (well), 1 (degraded) and 2 (overloaded) are possible");
        var longest = agent.Definition.Health.MaxReasonBytes;
        if (!isReplay && Encoding.UTF8.GetByteCount(reason) is var bytes && bytes > longest) throw Limit("health-reason", $"the turn gave a reason of {bytes} bytes for its health, at most {longest} are allowed (health.max-reason)");
        var data = LifecycleData.Health(level, reason);
        Add(new HealthReported((AgentHealthLevel)level, reason, Made(EventOrigin.Lifecycle, AgentName.Health(agent.Name), data, null, LifecycleData.ContentType)), data.Length);
    }

    /// <summary>What <see cref="SaveState"/> was given so far; null where nothing may be.</summary>
    internal System.Buffers.ArrayBufferWriter<byte>? Saved { get; init; }

    /// <summary>Writes a part of the state down, behind what was written before; in <c>mesh_save</c> only.</summary>
    public void SaveState(ReadOnlySpan<byte> bytes)
    {
        if (Saved is null) throw Bad("state_write", "a state outside of mesh_save");
        if (Saved.WrittenCount + (long)bytes.Length > agent.Definition.Limits.MemoryBytes)
            throw Limit("saved-state", $"mesh_save wrote more than {agent.Definition.Limits.MemoryBytes} bytes (limits.memory)");
        System.Buffers.BuffersExtensions.Write(Saved, bytes);
    }

    /// <summary>Writes a line to the service's log, up to <see cref="AgentLimits.LogLinesPerTurn"/>.</summary>
    public void Log(int level, string text)
    {
        if (logLines++ < agent.Definition.Limits.LogLinesPerTurn) Keep(new LineLogged(Math.Clamp(level, 0, 4), text));
    }

    /// <summary>Longest delay and time-out, milliseconds: ten years.</summary>
    public const long MaxDelayMs = 10L * 365 * 24 * 3600 * 1000;

    private long NextHandle() => EventIdentity.Handle(agent.Number, agent.Incarnation, input.Offset, emitted);

    private void Emit(EventOrigin origin, string topic, ReadOnlyMemory<byte> data, string? subject = null, string? contentType = null, long correlation = 0, long timeoutNs = 0)
    {
        CheckAttribute("subject", subject);
        CheckAttribute("content type", contentType);
        Add(new EventEmitted(Made(origin, topic, data, subject, contentType, correlation), timeoutNs), data.Length);
    }

    private MeshEvent Made(EventOrigin origin, string topic, ReadOnlyMemory<byte> data, string? subject, string? contentType, long correlation = 0) => new()
    {
        Topic = topic, Data = data, Subject = subject, ContentType = contentType, Origin = origin, Correlation = correlation,
        Agent = agent.Number, Incarnation = agent.Incarnation, Index = emitted, Cause = input.Offset, Depth = input.Depth + 1, TraceParent = input.TraceParent,
    };

    private void Add(TurnOutput output, int bytes = 0)
    {
        Count(bytes);
        Keep(output);
    }

    private void Keep(TurnOutput output) => (outputs ??= new List<TurnOutput>(1)).Add(output);

    private static void CheckAttribute(string what, string? text)
    {
        if (text?.Length > MaxAttributeLength) throw Bad("publish_as", $"a {what} of {text.Length} characters; at most {MaxAttributeLength} are allowed");
    }

    private void Count(int bytes)
    {
        emitted++;
        if (isReplay) return;
        var limits = agent.Definition.Limits;
        if (emitted > limits.EmittedEventsPerTurn)
            throw Limit("emitted-events", $"the turn emitted more than {limits.EmittedEventsPerTurn} events (limits.emitted-events-per-turn)");
        if ((emittedBytes += bytes) > limits.EmittedBytesPerTurn)
            throw Limit("emitted-bytes", $"the turn emitted more than {limits.EmittedBytesPerTurn} bytes (limits.emitted-bytes-per-turn)");
    }

    private string Allowed(TopicPattern[] patterns, string call, string topic)
    {
        if (patterns == agent.LastAllowed.By && topic == agent.LastAllowed.Topic) return agent.LastAllowed.Topic;
        if (TopicName.Check(topic) is { } problem) throw Bad(call, problem);
        if (TopicName.IsReserved(topic)) throw Bad(call, $"the topic '{topic}'; topics that begin with 'mesh.' belong to the mesh");
        if (isReplay) return topic;
        foreach (var pattern in patterns)
        {
            if (!pattern.Matches(topic)) continue;
            agent.LastAllowed = (patterns, topic);
            return topic;
        }
        throw Denied(call, $"use the topic '{topic}'", $"{(call == "request" ? "request" : "publish")} += \"{topic}\"");
    }

    private string AllowedAgent(TopicPattern[] patterns, string call, string name)
    {
        name = AgentName.Canonical(name);
        var topic = AgentName.ToTopic(name);
        if (TopicName.Check(topic) is { } problem) throw Bad(call, $"the agent name '{name}': {problem}");
        if (isReplay) return name;
        foreach (var pattern in patterns)
            if (pattern.Matches(topic)) return name;
        throw Denied(call, $"{call} to '{name}'", $"{call} += \"{topic}\"");
    }

    private static GuestFaultException Bad(string call, string what) =>
        new(new GuestFault(FaultKind.BadArgument, $"bad-{call}", $"mesh_v1.{call} was called with {what}."));

    private static GuestFaultException Limit(string code, string what) => new(new GuestFault(FaultKind.Limit, code, Upper(what) + "."));

    private GuestFaultException Denied(string call, string what, string grant) => new(new GuestFault(FaultKind.Capability, $"may-not-{call}",
        $"The agent '{agent.Name}' may not {what}; grant it with capabilities {{ {grant} }}."));

    private static string Upper(string text) => new StringBuilder(text) { [0] = char.ToUpperInvariant(text[0]) }.ToString();
}
