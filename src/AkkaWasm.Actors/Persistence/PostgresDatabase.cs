using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>What is to be known of PostgreSQL in several places: names, connections, and which errors pass by themselves.</summary>
internal static class PostgresDatabase
{
    /// <summary>What sessions of this program are called in <c>pg_stat_activity</c> if the connection string does not say otherwise.</summary>
    public const string ApplicationName = "akkawasm";

    /// <summary>Whether a store is PostgreSQL, or an engine that speaks its protocol.</summary>
    public static bool Is(StoreOptions store) => store.Provider.StartsWith("PostgreSQL", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a connection string.</summary>
    /// <returns>False if it cannot be read, or names no host.</returns>
    public static bool TryRead(string connectionString, [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? connection)
    {
        try
        {
            connection = new NpgsqlConnectionStringBuilder(connectionString);
            connection.ApplicationName ??= ApplicationName;
            if (!string.IsNullOrEmpty(connection.Host)) return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException or NotSupportedException)
        {
            // what it says may quote a part of a password
        }
        connection = null;
        return false;
    }

    /// <summary>The connection string as it is used: with the name of this program.</summary>
    public static string ConnectionStringOf(StoreOptions store) => Read(store).ToString();

    /// <summary>The connection string without what would let a reader of it in.</summary>
    public static string WithoutSecrets(string connectionString)
    {
        if (!TryRead(connectionString, out var connection)) return "";
        connection.Password = connection.SslPassword = null;
        return connection.ToString();
    }

    /// <summary>The database in words: its name, its schema if one is named, and where it is.</summary>
    public static string NameOf(StoreOptions store)
    {
        var connection = Read(store);
        var schema = string.IsNullOrEmpty(connection.SearchPath) ? "" : $" (schema {connection.SearchPath})";
        return string.Create(CultureInfo.InvariantCulture, $"'{connection.Database ?? connection.Username}'{schema} on {connection.Host}:{connection.Port}");
    }

    /// <summary>Whether an error is one of the way to the server or of the server's state, so that trying again later can help.</summary>
    public static bool IsTransient(Exception error) => error switch
    {
        // connections; resources; ended, starting or recovering; deadlocks and conflicts
        PostgresException { SqlState: var state } => state[..2] is "08" or "53" or "40" || state is "57P01" or "57P02" or "57P03" or "57P05" or "55P03",
        NpgsqlException { InnerException: { } inner } => IsTransient(inner),
        NpgsqlException e => e.IsTransient,
        _ => error is SocketException or IOException or TimeoutException,
    };

    /// <summary>An error in one clause, without a full stop.</summary>
    public static string ReasonOf(Exception error) => error switch
    {
        PostgresException e => $"{e.MessageText.TrimEnd('.')}, SQLSTATE {e.SqlState}",
        NpgsqlException { InnerException: { } inner } e => $"{e.Message.TrimEnd('.')}, {inner.Message.TrimEnd('.')}",
        _ => error.Message.TrimEnd('.'),
    };

    /// <exception cref="MeshNodeException">It cannot be read.</exception>
    private static NpgsqlConnectionStringBuilder Read(StoreOptions store) =>
        TryRead(store.ConnectionString, out var connection) ? connection : throw new MeshNodeException(NodeFailure.Configuration, $"{store.FindProblem()}.");
}
