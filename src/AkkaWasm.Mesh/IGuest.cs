using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh;

/// <summary>
/// One guest as the mesh sees it, and all that it sees: an engine implements this and nothing else. Used by one thread at a time.
/// After a fault the guest is thrown away and another is restored in its place.
/// </summary>
public interface IGuest : IDisposable
{
    /// <summary>Turn 0: runs the module's start function and <c>mesh_init</c>. A restored guest runs neither.</summary>
    /// <returns>What went wrong, or null.</returns>
    GuestFault? Initialize(Turn turn);

    /// <summary>Handles the event of the turn.</summary>
    /// <returns>What went wrong, or null.</returns>
    GuestFault? Handle(Turn turn);

    /// <summary>Saves the whole state between turns.</summary>
    /// <returns>The image, or null where a guest of this module cannot be saved and has to be replayed from its first turn.</returns>
    ReadOnlyMemory<byte>? Capture();

    /// <summary>Puts a fresh guest into a saved state.</summary>
    /// <exception cref="ImageCorruptException">The image is not one of this module, or damaged; the guest must be thrown away.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for the state now; the guest must be thrown away.</exception>
    void Restore(ReadOnlyMemory<byte> image);

    /// <summary>Saves the whole state between turns in a form that is encoded later, by any thread.</summary>
    /// <returns>The state, or null where <see cref="Capture"/> gives none.</returns>
    GuestState? CaptureState() => Capture() is { } bytes ? GuestState.FromBytes(bytes) : null;

    /// <summary>Puts a fresh guest into a state that was captured, or read back in parts.</summary>
    /// <exception cref="ImageCorruptException">It is no state of this module, damaged, or lacks a part; the guest must be thrown away.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for the state now; the guest must be thrown away.</exception>
    void RestoreState(GuestState state) => Restore(state.ToBytes());

    /// <summary>Hashes the state; see <see cref="StateHash"/>. A guest that cannot be captured hashes what of it can.</summary>
    StateHash Hash();

    /// <summary>What it uses now.</summary>
    GuestUsage Usage { get; }

    /// <summary>Fuel spent by the last turn where fuel is counted, otherwise 0: that part of <see cref="Usage"/> which every turn is asked for.</summary>
    long Fuel => Usage.Fuel;

    /// <summary>Whether it has a GC heap with garbage that nothing but a capture, restored into a fresh guest, gets rid of.</summary>
    bool CanCompact => false;

    /// <summary>What its GC heap can take of its limit, bytes: less than that where the heap grows in steps.</summary>
    long MaxGcHeapBytes => long.MaxValue;

    /// <summary>Puts a fresh guest into the state of a guest of another definition, perhaps of another module: of the same layout, or to be migrated.</summary>
    /// <param name="state">The state.</param>
    /// <param name="definition">What the other guest was defined as.</param>
    /// <exception cref="ImageCorruptException">The state cannot be one of this module; the guest must be thrown away.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for the state now; the guest must be thrown away.</exception>
    void TakeOver(GuestState state, AgentDefinition definition) => RestoreState(state);

    /// <summary>Lets the guest change a state that was taken over: <c>mesh_migrate</c>.</summary>
    /// <param name="turn">The turn that moves the state.</param>
    /// <param name="fromVersion">The version of the module that the state is of, 0 if it says none.</param>
    /// <returns>What went wrong, or null.</returns>
    GuestFault? Migrate(Turn turn, int fromVersion) => GuestFault.CannotMove("mesh_migrate");

    /// <summary>Lets the guest write its state down, by <see cref="Turn.SaveState"/>: <c>mesh_save</c>. The guest is of no use afterwards.</summary>
    /// <param name="turn">The turn that moves the state.</param>
    /// <returns>What went wrong, or null.</returns>
    GuestFault? Save(Turn turn) => GuestFault.CannotMove("mesh_save");

    /// <summary>Lets a fresh guest read what another wrote down: its start function, then <c>mesh_load</c>; <c>mesh_init</c> does not run.</summary>
    /// <param name="turn">The turn that moves the state; the data of its event is what was written.</param>
    /// <returns>What went wrong, or null.</returns>
    GuestFault? Load(Turn turn) => GuestFault.CannotMove("mesh_load");
}

/// <summary>What a guest uses.</summary>
/// <param name="MemoryBytes">Size of its memories, bytes.</param>
/// <param name="Fuel">Fuel spent by the last turn where fuel is counted, otherwise 0.</param>
public readonly record struct GuestUsage(long MemoryBytes, long Fuel)
{
    /// <summary>What its GC heap has taken from the host, bytes; 0 where there is none.</summary>
    public long GcHeapBytes { get; init; }
}

/// <summary>Makes guests.</summary>
public interface IGuestFactory
{
    /// <summary>Instantiates the module of a definition; neither its start function nor <c>mesh_init</c> has run.</summary>
    /// <exception cref="GuestRefusedException">The module cannot be had or cannot be an agent.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for one more now.</exception>
    IGuest Create(AgentDefinition definition);

    /// <summary>What the module of a definition says of how its state can be moved.</summary>
    /// <exception cref="GuestRefusedException">The module cannot be had or cannot be an agent.</exception>
    GuestTraits TraitsOf(AgentDefinition definition) => GuestTraits.None;

    /// <summary>Why a state of one definition cannot be put into a guest of another, as far as the modules tell; null if it can.</summary>
    /// <exception cref="GuestRefusedException">A module cannot be had or cannot be an agent.</exception>
    string? WhyNotTakenOver(AgentDefinition from, AgentDefinition to) => null;
}

/// <summary>A module cannot be an agent: it is missing, invalid, or lacks what an agent needs.</summary>
/// <param name="message">One sentence: what, where, what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class GuestRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The host has no memory for a guest. It may have later, or when other guests are given back.</summary>
/// <param name="message">One sentence: what was wanted and what is short.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class HostExhaustedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A saved image cannot be restored.</summary>
/// <param name="message">One sentence: what is wrong and where.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class ImageCorruptException(string message, Exception? inner = null) : Exception(message, inner);
