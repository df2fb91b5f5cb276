using System.Collections.Concurrent;
using System.Text;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>
/// Guests in C# that do what the data of their events says, so that tests of the shell need no module. State: all words handled, in order.
/// <list type="bullet">
/// <item><c>trap</c> changes state, then fails as a trap does; <c>late</c> as a missed deadline, which depends on the host</item>
/// <item><c>once NAME</c>: fails as <c>late</c> does until the test allows that name</item>
/// <item><c>bug</c>: the host throws</item>
/// <item><c>emit TOPIC</c>: publishes its state there</item>
/// <item><c>spawn AGENT</c>: starts that agent</item>
/// <item><c>integrate TEXT</c>: asks for that change of the topology</item>
/// <item><c>wait NAME</c>: waits in its turn until the test opens that gate</item>
/// <item>anything else is only noted</item>
/// </list>
/// </summary>
internal sealed class ScriptedGuests : IGuestFactory
{
    /// <summary>A config that makes a guest one that cannot be captured.</summary>
    public static readonly byte[] Uncapturable = "uncapturable"u8.ToArray();

    private readonly ConcurrentDictionary<string, int> created = new();
    private readonly ConcurrentDictionary<string, int> captured = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> reached = new();
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> gates = new();
    private readonly ConcurrentDictionary<string, bool> allowed = new();

    /// <summary>Set to have the next instances of a definition refused.</summary>
    public ConcurrentDictionary<string, bool> Refused { get; } = new();

    /// <summary>Set to have the next capture of an agent's state fail as no guest does, but a fault of this program would.</summary>
    public ConcurrentDictionary<string, bool> CaptureFails { get; } = new();

    public ConcurrentDictionary<string, string> States { get; } = new();

    private int live;
    private int mostLive;

    /// <summary>The most guests that there ever were together.</summary>
    public int MostLive => Volatile.Read(ref mostLive);

    /// <summary>Above so many guests the host has no room for one more.</summary>
    public int Room { get; set; } = int.MaxValue;

    public int CreatedOf(string definition) => created.GetValueOrDefault(definition);

    /// <summary>How often the state of a definition's guests was saved.</summary>
    public int CapturesOf(string definition) => captured.GetValueOrDefault(definition);

    public void Allow(string name) => allowed[name] = true;

    public void Open(string gate) => Gate(gate).Set();

    /// <summary>Ends when a guest waits at that gate.</summary>
    public Task WhenAt(string gate) => Reached(gate).Task;

    public IGuest Create(AgentDefinition definition)
    {
        if (Refused.ContainsKey(definition.Name)) throw new GuestRefusedException($"The module of '{definition.Name}' is refused by the test.");
        created.AddOrUpdate(definition.Name, 1, (_, n) => n + 1);
        var now = Interlocked.Increment(ref live);
        if (now > Room)
        {
            Interlocked.Decrement(ref live);
            throw new HostExhaustedException("The test has no room.");
        }
        for (var most = MostLive; now > most; most = MostLive) Interlocked.CompareExchange(ref mostLive, now, most);
        return new Guest(this, definition.Name, !definition.Config.Span.SequenceEqual(Uncapturable));
    }

    private ManualResetEventSlim Gate(string name) => gates.GetOrAdd(name, _ => new ManualResetEventSlim());

    private TaskCompletionSource Reached(string name) => reached.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Guest(ScriptedGuests all, string name, bool canCapture) : IGuest
    {
        private static readonly Dictionary<string, Func<Guest, Turn, string, GuestFault?>> Verbs = new()
        {
            ["trap"] = (_, _, _) => new GuestFault(FaultKind.Trap, "unreachable", "The script says so.", ["script!trap+0x1"]),
            ["late"] = (_, _, _) => new GuestFault(FaultKind.Deadline, "deadline", "The script says so."),
            ["once"] = (g, _, name) => g.all.allowed.ContainsKey(name) ? null : new GuestFault(FaultKind.Deadline, "deadline", "The script says so."),
            ["bug"] = (_, _, _) => throw new InvalidOperationException("The script says so."),
            ["emit"] = (g, turn, topic) => g.Emit(turn, topic),
            ["watch"] = (_, turn, agent) => Watch(turn, agent),
            ["spawn"] = (_, turn, agent) => Spawn(turn, agent),
            ["integrate"] = (_, turn, change) => Integrate(turn, change),
            ["wait"] = (g, _, gate) => g.WaitAt(gate),
        };

        private readonly ScriptedGuests all = all;
        private string state = "";
        private int disposed;

        public GuestUsage Usage => new(state.Length, 0);

        public GuestFault? Initialize(Turn turn)
        {
            state = "init";
            return null;
        }

        public GuestFault? Handle(Turn turn)
        {
            var words = Encoding.UTF8.GetString(turn.Input.Data.Span);
            state += " " + words;
            var space = words.IndexOf(' ');
            var fault = Verbs.TryGetValue(space < 0 ? words : words[..space], out var verb) ? verb(this, turn, words[(space + 1)..]) : null;
            if (fault is null) all.States[turn.Agent.Name] = state;
            return fault;
        }

        public ReadOnlyMemory<byte>? Capture()
        {
            if (all.CaptureFails.TryRemove(name, out _)) throw new InvalidOperationException("The test says so.");
            if (!canCapture) return null;
            all.captured.AddOrUpdate(name, 1, (_, n) => n + 1);
            return Encoding.UTF8.GetBytes(state);
        }

        public void Restore(ReadOnlyMemory<byte> image) => state = Encoding.UTF8.GetString(image.Span);

        public StateHash Hash() => new(System.IO.Hashing.XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(state)));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0) Interlocked.Decrement(ref all.live);
        }

        private GuestFault? Emit(Turn turn, string topic)
        {
            turn.Publish(topic, Encoding.UTF8.GetBytes(state));
            return null;
        }

        private static GuestFault? Spawn(Turn turn, string agent)
        {
            turn.Spawn(agent);
            return null;
        }

        private static GuestFault? Integrate(Turn turn, string change)
        {
            turn.Integrate(Encoding.UTF8.GetBytes(change));
            return null;
        }

        private static GuestFault? Watch(Turn turn, string agent)
        {
            turn.Watch(agent);
            return null;
        }

        private GuestFault? WaitAt(string gate)
        {
            all.Reached(gate).TrySetResult();
            all.Gate(gate).Wait();
            return null;
        }
    }
}
