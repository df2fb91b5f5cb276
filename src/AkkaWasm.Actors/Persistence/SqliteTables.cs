namespace AkkaWasm.Actors.Persistence;

/// <summary>How a database is made that is not there yet.</summary>
/// <param name="PageSizeBytes">Size of its pages, bytes.</param>
/// <param name="Statements">What makes its tables; each may be repeated.</param>
internal sealed record SqliteSchema(int PageSizeBytes, params string[] Statements);

/// <summary>
/// The tables of Akka.Persistence.Sql's default table mapping, made before the plug-in opens the database. The journal has not the plug-in's
/// <c>AUTOINCREMENT</c>, and neither has its indexes that nothing here asks: each would be a page more that every commit writes and syncs.
/// </summary>
internal static class SqliteTables
{
    /// <summary>Size of a page of the journal, bytes: a block is many of them, and fewer are less work.</summary>
    public const int JournalPageBytes = 16_384;

    /// <summary>Size of a page of the snapshot store, bytes: each image changes a page of the index, far from those of others, and all of that page is written and synced.</summary>
    public const int SnapshotPageBytes = 4_096;

    public static readonly SqliteSchema Journal = new(JournalPageBytes,
        """
        CREATE TABLE IF NOT EXISTS journal (
          ordering INTEGER NOT NULL PRIMARY KEY,
          created INTEGER NOT NULL,
          deleted Bit NOT NULL,
          persistence_id NVarChar(255) NOT NULL,
          sequence_number INTEGER NOT NULL,
          message VarBinary NOT NULL,
          tags NVarChar(100) NULL,
          manifest NVarChar(500) NULL,
          identifier INTEGER NULL,
          writer_uuid NVarChar(128) NULL)
        """,
        "CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number)",
        "DROP INDEX IF EXISTS journal_created_idx",
        "DROP INDEX IF EXISTS journal_sequence_number_idx");

    public static readonly SqliteSchema Snapshots = new(SnapshotPageBytes,
        """
        CREATE TABLE IF NOT EXISTS snapshot (
          persistence_id NVarChar(255) NOT NULL,
          sequence_number INTEGER NOT NULL,
          created INTEGER NOT NULL,
          snapshot VarBinary NULL,
          manifest NVarChar(500) NULL,
          serializer_id INTEGER NULL,
          CONSTRAINT PK_snapshot PRIMARY KEY (persistence_id, sequence_number))
        """,
        "DROP INDEX IF EXISTS snapshot_sequence_number_idx",
        "DROP INDEX IF EXISTS snapshot_created_idx");

    public const string InsertBlock =
        "INSERT INTO journal (persistence_id, sequence_number, created, message, manifest, identifier, deleted, writer_uuid) "
        + "VALUES (@id, @number, @created, @content, @manifest, @serializer, 0, 'import')";

    public const string InsertSnapshot =
        "INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id) "
        + "VALUES (@id, @number, @created, @content, @manifest, @serializer)";
}
