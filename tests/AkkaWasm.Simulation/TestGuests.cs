using System.IO.Hashing;
using System.Text;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>The memory of a guest written in C#: what it saw and some numbers.</summary>
internal sealed class GuestMemory
{
    public List<string> Seen { get; } = [];

    public SortedDictionary<string, long> Numbers { get; } = new(StringComparer.Ordinal);

    public long this[string name]
    {
        get => Numbers.GetValueOrDefault(name);
        set => Numbers[name] = value;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(
        string.Join('\u0001', Numbers.Select(n => $"{n.Key}={n.Value}")) + '\u0002' + string.Join('\u0001', Seen));

    public static GuestMemory Of(ReadOnlySpan<byte> bytes)
    {
        var memory = new GuestMemory();
        var parts = Encoding.UTF8.GetString(bytes).Split('\u0002');
        if (parts.Length != 2) throw new ImageCorruptException("The memory of a test guest has two parts.");
        foreach (var number in parts[0].Split('\u0001', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (number[..number.LastIndexOf('=')], number[(number.LastIndexOf('=') + 1)..]);
            memory[name] = long.Parse(value);
        }
        memory.Seen.AddRange(parts[1].Split('\u0001', StringSplitOptions.RemoveEmptyEntries));
        return memory;
    }
}

/// <summary>What a guest does in a turn.</summary>
internal delegate GuestFault? Behaviour(GuestMemory memory, Turn turn);

/// <summary>Modules written in C#: a name stands for the hash of the module.</summary>
internal sealed class TestGuests : IGuestFactory
{
    private readonly Dictionary<string, (Behaviour Handle, Behaviour? Init, bool CanBeSaved)> modules = [];

    public static GuestFault Trap(string code = "unreachable") => new(FaultKind.Trap, code, $"wasm trap: {code}", ["inner", "mesh_handle"]);

    public static string TextOf(Turn turn) => Encoding.UTF8.GetString(turn.Input.Data.Span);

    public int Created { get; private set; }

    /// <summary>Called when a guest is made; may throw.</summary>
    public Action<AgentDefinition>? OnCreate { get; set; }

    /// <summary>Faults of the host, by no rule that a guest could know; never in a replay.</summary>
    public Func<Turn, GuestFault?>? OnTurn { get; set; }

    /// <summary>Makes the guests instead, where a test has its own.</summary>
    public Func<IGuest>? Make { get; init; }

    public TestGuests With(string module, Behaviour handle, Behaviour? init = null, bool canBeSaved = true)
    {
        modules[module] = (handle, init, canBeSaved);
        return this;
    }

    /// <summary>Notes topic and text of each event and counts; traps on a text that begins with "trap".</summary>
    public static GuestFault? Note(GuestMemory memory, Turn turn)
    {
        memory.Seen.Add($"{turn.Input.Topic}:{TextOf(turn)}");
        memory["count"]++;
        return TextOf(turn).StartsWith("trap", StringComparison.Ordinal) ? Trap() : null;
    }

    /// <summary>What all modules say of their states; those of one name differ behind a <c>#</c> and do the same, apart from those that end with a <c>!</c>.</summary>
    public GuestTraits Traits { get; init; } = GuestTraits.None;

    public GuestTraits TraitsOf(AgentDefinition definition) => Traits;

    public IGuest Create(AgentDefinition definition)
    {
        Created++;
        OnCreate?.Invoke(definition);
        if (Make is not null) return Make();
        var module = modules[definition.ModuleHash.Split('#')[0]];
        return new Guest(this, IsBad(definition.ModuleHash) ? Trapping(module.Handle) : module.Handle, module.Init, module.CanBeSaved);
    }

    /// <summary>Whether a version of a module traps where others do not.</summary>
    private static bool IsBad(string module) => module.EndsWith('!');

    /// <summary>Does the same, and traps on every third event.</summary>
    private static Behaviour Trapping(Behaviour handle) => (memory, turn) => turn.Input.Offset % 3 == 0 ? Trap("bad-version") : handle(memory, turn);

    private sealed class Guest(TestGuests host, Behaviour handle, Behaviour? init, bool canBeSaved) : IGuest
    {
        private GuestMemory memory = new();
        private bool disposed;

        public GuestUsage Usage => new(memory.Seen.Count, 0);

        public GuestFault? Initialize(Turn turn) => Guarded(turn, init);

        public GuestFault? Handle(Turn turn) => Guarded(turn, handle);

        public ReadOnlyMemory<byte>? Capture() => canBeSaved ? memory.ToBytes() : default(ReadOnlyMemory<byte>?);

        public void Restore(ReadOnlyMemory<byte> image) => memory = GuestMemory.Of(image.Span);

        public StateHash Hash() => new(XxHash128.HashToUInt128(memory.ToBytes()));

        /// <summary>That it ran, and how often, stays in the state.</summary>
        public GuestFault? Migrate(Turn turn, int fromVersion)
        {
            memory["moved"] = (memory["moved"] * 10) + 1;
            return null;
        }

        public GuestFault? Save(Turn turn)
        {
            turn.SaveState(memory.ToBytes());
            return null;
        }

        public GuestFault? Load(Turn turn)
        {
            memory = GuestMemory.Of(turn.Input.Data.Span);
            memory["moved"] = (memory["moved"] * 10) + 2;
            return null;
        }

        public void Dispose() => disposed = true;

        private GuestFault? Guarded(Turn turn, Behaviour? behaviour)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var fault = behaviour?.Invoke(memory, turn);
            return fault ?? (turn.IsReplay ? null : host.OnTurn?.Invoke(turn));
        }
    }
}
