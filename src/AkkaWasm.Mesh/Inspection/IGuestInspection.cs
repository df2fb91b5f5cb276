using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Inspection;

/// <summary>
/// What an engine can tell people about saved states of its guests. An <see cref="IGuestFactory"/> may implement it beside; where it does not, states are
/// known by their hashes alone. May be used by any thread.
/// </summary>
public interface IGuestInspection
{
    /// <summary>Says what a state consists of.</summary>
    /// <param name="definition">The agent's definition.</param>
    /// <param name="image">What <see cref="IGuest.Capture"/> gave.</param>
    /// <exception cref="ImageCorruptException">The image is damaged, or not one of this definition's module.</exception>
    /// <exception cref="GuestRefusedException">The module cannot be had.</exception>
    StateSummary Describe(AgentDefinition definition, ReadOnlyMemory<byte> image);

    /// <summary>Says what two states differ in.</summary>
    /// <param name="definition">The agent's definition.</param>
    /// <param name="before">The first image.</param>
    /// <param name="after">The second.</param>
    /// <param name="maxDetails">How many pages of a memory, elements of a table, objects and fields of one are listed at most; all are counted.</param>
    /// <exception cref="ImageCorruptException">An image is damaged, or not one of this definition's module.</exception>
    /// <exception cref="GuestRefusedException">The module cannot be had.</exception>
    StateDifference Compare(AgentDefinition definition, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, int maxDetails);
}
