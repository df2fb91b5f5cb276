using System.Globalization;
using System.Text;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// The imports <c>mesh_v1</c>: one row and one method each. In a signature <c>p</c> is a pointer or length, as wide as the memory that it goes into; <c>i</c> is an
/// i32, <c>l</c> an i64.
/// </summary>
internal static class MeshImports
{
    public const string ModuleName = "mesh_v1";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static readonly Import[] Table =
    [
        new("event_read", "ppp", "p", EventRead),
        new("event_attr", "ipp", "p", EventAttribute),
        new("config_size", "", "p", ConfigSize),
        new("config_read", "ppp", "p", ConfigRead),
        new("publish", "pppp", "", Publish),
        new("publish_as", "pppppppp", "", PublishAs),
        new("send", "pppp", "", Send),
        new("reply", "pp", "", Reply),
        new("request", "ppppl", "l", Request),
        new("schedule", "lpppp", "l", Schedule),
        new("cancel", "l", "", Cancel),
        new("spawn", "pppppp", "", Spawn),
        new("stop", "pp", "", Stop),
        new("watch", "pp", "", Watch),
        new("now", "", "l", Now),
        new("random", "pp", "", Random),
        new("log", "ipp", "", Log),
        new("health", "ipp", "", Health),
        new("fail", "pp", "", Fail),
        new("state_write", "pp", "", StateWrite),
        new("integrate", "pp", "l", Integrate),
    ];

    /// <summary>The attributes of an event by the numbers that guests use.</summary>
    private static readonly Func<Turn, string?>[] Attributes =
    [
        turn => turn.InputId,
        turn => turn.InputSource,
        turn => turn.Input.Topic,
        turn => turn.Input.Subject,
        turn => turn.Input.Time,
        turn => turn.Input.ContentType,
        turn => turn.Input.TraceParent,
        turn => turn.Input.Correlation == 0 ? null : turn.Input.Correlation.ToString(CultureInfo.InvariantCulture),
        turn => turn.Input.Offset.ToString(CultureInfo.InvariantCulture),
    ];

    private static readonly HostFunctions Functions32 = Build([(0, false)]);

    private static readonly HostFunctions Functions64 = Build([(0, true)]);

    private delegate void Method(Turn turn, ref Arguments call);

    /// <summary>
    /// The host functions for a module. Those of a composed module whose parts have memories of their own are offered for each of these memories; where a memory is
    /// 32-bit, those of WASI preview 1 too.
    /// </summary>
    public static HostFunctions For(ModuleDescription module)
    {
        var others = MemoryBinding.MemoriesOf(module);
        if (others.Count == 0) return module.Memories[0].Is64 ? Functions64 : Functions32;
        return Build([(0, module.Memories[0].Is64), .. others.Select(memory => (memory, module.Memories[memory].Is64))]);
    }

    private static HostFunctions Build(IEnumerable<(int Memory, bool Is64)> memories)
    {
        var functions = new HostFunctions();
        foreach (var (memory, is64) in memories)
        {
            foreach (var import in Table)
            {
                functions.Define(MemoryBinding.NameOf(ModuleName, memory), import.Name, WasmFunctionType.Of(Kinds(import.Parameters, is64), Kinds(import.Results, is64)), (ref HostCall call) =>
                {
                    var arguments = new Arguments(call, import.Name, memory);
                    import.Method(GuestContext.Of(call.Instance).CurrentTurn, ref arguments);
                });
            }
            // Preview 1 knows 32-bit pointers only; a module whose are wider is refused with that reason.
            if (!is64) WasiFunctions.DefineIn(functions, instance => GuestContext.Of(instance).World!.World, memory);
        }
        return functions;
    }

    private static WasmValueKind[] Kinds(string letters, bool is64) =>
        [.. letters.Select(c => c == 'i' || (c == 'p' && !is64) ? WasmValueKind.I32 : WasmValueKind.I64)];

    private static void EventRead(Turn turn, ref Arguments call) => call.Copy(turn.Input.Data.Span);

    private static void EventAttribute(Turn turn, ref Arguments call)
    {
        var number = call.Call.I32(0);
        if (number < 0 || number >= Attributes.Length) throw call.Bad($"the attribute {number}; 0 to {Attributes.Length - 1} are possible");
        var text = Attributes[number](turn) is { } value ? Encoding.UTF8.GetBytes(value) : [];
        var room = (int)Math.Min(call.Call.Address(2), (ulong)text.Length);
        text.AsSpan(0, room).CopyTo(call.Memory(call.Call.Address(1), room));
        call.Call.SetAddress(0, (ulong)text.Length);
    }

    private static void ConfigSize(Turn turn, ref Arguments call) => call.Call.SetAddress(0, (ulong)turn.Agent.Definition.Config.Length);

    private static void ConfigRead(Turn turn, ref Arguments call) => call.Copy(turn.Agent.Definition.Config.Span);

    private static void Publish(Turn turn, ref Arguments call) => turn.Publish(call.Topic(0), call.Data(2));

    private static void PublishAs(Turn turn, ref Arguments call) => turn.Publish(call.Topic(0), call.Data(6), call.OptionalText(2), call.OptionalText(4));

    private static void Send(Turn turn, ref Arguments call) => turn.Send(call.Text(0), call.Data(2));

    private static void Reply(Turn turn, ref Arguments call) => turn.Reply(call.Data(0));

    private static void Request(Turn turn, ref Arguments call) => call.Call.SetI64(0, turn.Request(call.Text(0), call.Data(2), call.Call.I64(4)));

    private static void Schedule(Turn turn, ref Arguments call) => call.Call.SetI64(0, turn.Schedule(call.Call.I64(0), call.Text(1), call.Data(3)));

    private static void Cancel(Turn turn, ref Arguments call) => turn.Cancel(call.Call.I64(0));

    /// <summary>Agents come of families that the topology defines, with module and config of the family.</summary>
    private static void Spawn(Turn turn, ref Arguments call)
    {
        var (name, module) = (call.Text(0), call.OptionalText(2));
        if (module is not null && !name.StartsWith(module + "/", StringComparison.Ordinal))
            throw call.Bad($"the name '{name}' and the module '{module}'; leave the module out or name the family that the agent belongs to");
        if (call.Call.Address(5) != 0) throw call.Bad("a config; an agent has the config of its family, so leave it out");
        turn.Spawn(name);
    }

    private static void Stop(Turn turn, ref Arguments call) => turn.Stop(call.Text(0));

    private static void Watch(Turn turn, ref Arguments call) => turn.Watch(call.Text(0));

    private static void Now(Turn turn, ref Arguments call) => call.Call.SetI64(0, turn.NowNs);

    private static void Random(Turn turn, ref Arguments call) => turn.Random(call.Memory(call.Call.Address(0), call.Length(1)));

    private static void Log(Turn turn, ref Arguments call) => turn.Log(call.Call.I32(0), call.LenientText(1));

    private static void Health(Turn turn, ref Arguments call) => turn.Health(call.Call.I32(0), call.LenientText(1));

    private static void Fail(Turn turn, ref Arguments call) => throw new GuestFaultException(new GuestFault(FaultKind.Failed, "failed", call.LenientText(0)));

    private static void StateWrite(Turn turn, ref Arguments call) => turn.SaveState(call.Memory(call.Call.Address(0), call.Length(1)));

    private static void Integrate(Turn turn, ref Arguments call) => call.Call.SetI64(0, turn.Integrate(call.Data(0)));

    private sealed record Import(string Name, string Parameters, string Results, Method Method);

    /// <summary>The arguments of one call, checked against the guest's memory.</summary>
    private readonly ref struct Arguments(HostCall call, string name, int memory)
    {
        public readonly HostCall Call = call;

        public int Length(int index) => Call.Address(index) <= int.MaxValue ? (int)Call.Address(index) : throw Bad($"a length of {Call.Address(index)} bytes");

        public Span<byte> Memory(ulong address, int length) => Call.Instance.GetMemory(memory).TryGetSpan(address, length, out var span)
            ? span
            : throw Bad($"{length} bytes at {address}, which do not lie in its memory of {Call.Instance.GetMemory(memory).Length} bytes");

        public byte[] Data(int index) => Memory(Call.Address(index), Length(index + 1)).ToArray();

        public string Text(int index) => Text(index, static (_, bytes) => Strict.GetString(bytes));

        public string Topic(int index) => Text(index, static (instance, bytes) => GuestContext.Of(instance).TextOf(bytes, Strict));

        private string Text(int index, Func<WasmInstance, ReadOnlySpan<byte>, string> read)
        {
            try
            {
                return read(Call.Instance, Memory(Call.Address(index), Length(index + 1)));
            }
            catch (DecoderFallbackException)
            {
                throw Bad($"a text (argument {index}) that is not UTF-8");
            }
        }

        public string? OptionalText(int index) => Call.Address(index + 1) == 0 ? null : Text(index);

        public string LenientText(int index) => Encoding.UTF8.GetString(Memory(Call.Address(index), Length(index + 1)));

        /// <summary>Serves <c>(dst, offset, len) -> n</c> from some bytes.</summary>
        public void Copy(ReadOnlySpan<byte> source)
        {
            var offset = Math.Min(Call.Address(1), (ulong)source.Length);
            var count = (int)Math.Min(Call.Address(2), (ulong)source.Length - offset);
            source.Slice((int)offset, count).CopyTo(Memory(Call.Address(0), count));
            Call.SetAddress(0, (ulong)count);
        }

        public GuestFaultException Bad(string what) => new(new GuestFault(FaultKind.BadArgument, $"bad-{name.Replace('_', '-')}", $"{ModuleName}.{name} was called with {what}."));
    }
}
