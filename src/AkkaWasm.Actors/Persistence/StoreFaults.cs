using Akka.Pattern;
using AkkaWasm.Mesh;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Persistence;

/// <summary>Tells a database that is out of reach for a while from one that gives something wrong.</summary>
internal static class StoreFaults
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;

    /// <summary>Whether an error, or what it comes of, is one that passes by itself.</summary>
    public static bool CanPass(Exception error) => error switch
    {
        AggregateException several => several.InnerExceptions.Any(CanPass),
        OpenCircuitException => true,
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
        ImageCorruptException { InnerException: { } inner } => CanPass(inner),
        _ => PostgresDatabase.IsTransient(error),
    };
}
