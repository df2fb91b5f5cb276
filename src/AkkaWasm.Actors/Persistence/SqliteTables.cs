namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The tables of Akka.Persistence.Sql's default table mapping, made before the plug-in opens the database. The journal has not the plug-in's
/// <c>AUTOINCREMENT</c>, and neither has its indexes that nothing here asks: each would be a page more that every commit writes and syncs.
/// </summary>
internal static class SqliteTables
{
    public static readonly string[] Journal =
    [
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
        "DROP INDEX IF EXISTS journal_sequence_number_idx",
    ];

    public static readonly string[] Snapshots =
    [
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
        "DROP INDEX IF EXISTS snapshot_created_idx",
    ];

    public const string InsertBlock =
        "INSERT INTO journal (persistence_id, sequence_number, created, message, manifest, identifier, deleted, writer_uuid) "
        + "VALUES (@id, @number, @created, @content, @manifest, @serializer, 0, 'import')";

    public const string InsertSnapshot =
        "INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id) "
        + "VALUES (@id, @number, @created, @content, @manifest, @serializer)";
}
