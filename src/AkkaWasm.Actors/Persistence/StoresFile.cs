using System.Text.Json;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The file <c>stores.json</c> in the data folder: which databases the node has that are not in the folder itself, so that who reads the log without
/// a node finds them. Passwords are left out.
/// </summary>
internal static class StoresFile
{
    private const string Journal = "journal";
    private const string Snapshots = "snapshots";

    public static string PathIn(string folder) => Path.Combine(folder, "stores.json");

    /// <summary>Writes what the node has; takes the file away if all is in the folder.</summary>
    public static void Write(string folder, StoreOptions? journal, StoreOptions? snapshots)
    {
        var path = PathIn(folder);
        if (journal is null && snapshots is null)
        {
            File.Delete(path);
            return;
        }
        var temporary = path + ".new";
        using (var file = File.Create(temporary))
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            Write(json, Journal, journal);
            Write(json, Snapshots, snapshots);
            json.WriteEndObject();
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads the file; null stands for a database in the folder.</summary>
    /// <exception cref="MeshNodeException">It is there and cannot be read.</exception>
    public static (StoreOptions? Journal, StoreOptions? Snapshots) Read(string folder)
    {
        var path = PathIn(folder);
        if (!File.Exists(path)) return (null, null);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return (Read(json.RootElement, Journal), Read(json.RootElement, Snapshots));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"'{path}', which says where the log is, cannot be read: {e.Message} Name the configuration that the node was run with (--config), or run the node again.", e);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, StoreOptions? store)
    {
        if (store is null) return;
        json.WriteStartObject(name);
        json.WriteString("provider", store.Provider);
        json.WriteString("connection_string", PostgresDatabase.Is(store) ? PostgresDatabase.WithoutSecrets(store.ConnectionString) : SqliteFiles.StoreIn(SqliteFiles.FileOf(store)).ConnectionString);
        json.WriteEndObject();
    }

    private static StoreOptions? Read(JsonElement root, string name) => root.TryGetProperty(name, out var store)
        ? new StoreOptions(store.GetProperty("provider").GetString()!, store.GetProperty("connection_string").GetString()!)
        : null;
}
