using AkkaWasm.Actors.Persistence;

namespace AkkaWasm.Actors;

/// <summary>A database for the journal or the snapshots.</summary>
/// <param name="Provider">Provider name of Akka.Persistence.Sql: <c>SQLite.MS</c>, <c>PostgreSQL.15</c>.</param>
/// <param name="ConnectionString">How to connect. May hold a password; no message quotes it.</param>
public sealed record StoreOptions(string Provider, string ConnectionString)
{
    /// <summary>What of it cannot be used.</summary>
    /// <returns>One clause without a full stop, which quotes nothing of the connection string, or null.</returns>
    public string? FindProblem()
    {
        if (SqliteFiles.Are(this)) return null;
        if (!PostgresDatabase.Is(this)) return $"the provider '{Provider}' is not known; there are {SqliteFiles.Provider} and PostgreSQL.15";
        return PostgresDatabase.TryRead(ConnectionString, out _)
            ? null
            : "the connection string cannot be read; write it as Host=127.0.0.1;Port=5432;Username=mesh;Password=secret;Database=mesh, with quotes around values that contain a semicolon";
    }

    /// <summary>Provider and place, without secrets.</summary>
    public override string ToString() => FindProblem() is not null ? Provider : PostgresDatabase.Is(this) ? $"{Provider} {PostgresDatabase.NameOf(this)}" : $"{Provider} '{SqliteFiles.FileOf(this)}'";
}
