using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>Guests whose host fails by chance: a turn that is done comes too late, a guest cannot be made. Replays are spared, as they have no deadline.</summary>
internal sealed class FaultyGuests(IGuestFactory guests, Dice dice, Observations seen, Sabotage sabotage) : IGuestFactory
{
    private const int OneIn = 40;

    /// <summary>Whether the host fails now and then.</summary>
    public bool Fails { get; set; }

    public IGuest Create(AgentDefinition definition)
    {
        if (!Fails || !dice.OneIn(OneIn)) return new Guest(this, guests.Create(definition));
        seen.Count(Fault.HostFault);
        throw dice.OneIn(2) ? new GuestRefusedException("The module was not there.") : new HostExhaustedException("The host had no memory.");
    }

    public GuestTraits TraitsOf(AgentDefinition definition) => guests.TraitsOf(definition);

    public string? WhyNotTakenOver(AgentDefinition from, AgentDefinition to) => guests.WhyNotTakenOver(from, to);

    private GuestFault? After(Turn turn, GuestFault? fault)
    {
        if (turn.IsReplay) return fault;
        if (fault is not null) seen.Count(Fault.Trap);
        if (sabotage == Sabotage.SwallowsTraps) return null;
        if (fault is not null || !Fails || !dice.OneIn(OneIn)) return fault;
        seen.Count(Fault.HostFault);
        return new GuestFault(FaultKind.Deadline, "deadline", "The host was slow.");
    }

    private sealed class Guest(FaultyGuests host, IGuest inner) : IGuest
    {
        public GuestUsage Usage => inner.Usage;

        public bool CanCompact => inner.CanCompact;

        public long MaxGcHeapBytes => inner.MaxGcHeapBytes;

        public GuestFault? Initialize(Turn turn) => Guarded(turn, inner.Initialize);

        public GuestFault? Handle(Turn turn) => Guarded(turn, inner.Handle);

        public ReadOnlyMemory<byte>? Capture() => inner.Capture();

        public void Restore(ReadOnlyMemory<byte> image) => inner.Restore(image);

        public StateHash Hash() => inner.Hash();

        public void TakeOver(GuestState state, AgentDefinition definition) => inner.TakeOver(state, definition);

        public GuestFault? Migrate(Turn turn, int fromVersion) => Guarded(turn, t => inner.Migrate(t, fromVersion));

        public GuestFault? Save(Turn turn) => Guarded(turn, inner.Save);

        public GuestFault? Load(Turn turn) => Guarded(turn, inner.Load);

        public void Dispose() => inner.Dispose();

        private GuestFault? Guarded(Turn turn, Func<Turn, GuestFault?> run) => host.After(turn, run(turn));
    }
}
