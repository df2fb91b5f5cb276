using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Actors;

/// <summary>An event that is safe in the log, with the attributes that the log derives rather than stores.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="Event">The rest of it.</param>
public sealed record CommittedEvent(Position Position, string Id, string Source, MeshEvent Event);
