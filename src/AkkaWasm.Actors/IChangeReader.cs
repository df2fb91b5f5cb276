using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>A change that an agent asks for cannot be read.</summary>
/// <param name="message">One sentence: what, where, and what to do.</param>
public sealed class ChangeRefusedException(string message) : Exception(message);

/// <summary>Reads the text by which agents ask for changes of the topology (<c>mesh_v1.integrate</c>). May be used by any thread.</summary>
public interface IChangeReader
{
    /// <summary>Reads a text.</summary>
    /// <param name="text">The text; any bytes.</param>
    /// <param name="running">The topology in force. Definitions that stay have to stay the same objects.</param>
    /// <param name="at">Offset where it came into force.</param>
    /// <param name="resolve">What a name or hash of a module means, or null if there is nothing.</param>
    /// <exception cref="ChangeRefusedException">It is no change.</exception>
    AskedChange Read(ReadOnlyMemory<byte> text, MeshTopology running, long at, Func<ModuleReference, ResolvedModule?> resolve);
}
