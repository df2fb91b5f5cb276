namespace AkkaWasm.Actors.Offline;

/// <summary>
/// The tables that Akka.Persistence.Sql 1.5.73 makes with its default table mapping, as far as they are read here, and what stands in them. A test
/// lets the plug-in write them.
/// </summary>
internal static class JournalSchema
{
    public const string Journal = "journal";
    public const string Ordering = "ordering";
    public const string Deleted = "deleted";
    public const string PersistenceId = "persistence_id";
    public const string SequenceNumber = "sequence_number";
    public const string Message = "message";
    public const string Manifest = "manifest";
    public const string Identifier = "identifier";

    public const string Snapshots = "snapshot";
    public const string Snapshot = "snapshot";
    public const string SerializerId = "serializer_id";

    /// <summary>Persistence id of the shard of a node that is alone.</summary>
    public const string Shard = "shard-0";

    /// <summary>What <c>MeshSerializer</c> is known by in both tables, and the manifests of what it writes there.</summary>
    public const long Serializer = 22_017;
    public const string BlockManifest = "block/1";
    public const string StateManifest = "state/1";
    public const string ImageManifest = "image/1";
}
