using System.Diagnostics;
using System.Text.Json;

namespace AkkaWasm.Service.Hosting;

/// <summary>The file <c>node.json</c> in the data folder, by which other verbs find the node that serves it.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Url">Where it listens.</param>
internal sealed record NodeFile(int Pid, Uri Url)
{
    private const string Name = "node.json";

    /// <summary>Whether its process runs, as far as this one can see: the file of a node that was killed stays behind.</summary>
    public bool IsRunning
    {
        get
        {
            try
            {
                using var process = Process.GetProcessById(Pid);
                return !process.HasExited;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <summary>The node that serves the folder as far as it is known, or null.</summary>
    public static NodeFile? Find(string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(PathIn(folder)));
            return new NodeFile(json.RootElement.GetProperty("pid").GetInt32(), new Uri(json.RootElement.GetProperty("url").GetString()!));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes the file whole: a reader sees the old one or the new one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Write(string folder)
    {
        var temporary = PathIn(folder) + ".new";
        using (var file = File.Create(temporary))
        using (var json = new Utf8JsonWriter(file))
        {
            json.WriteStartObject();
            json.WriteNumber("pid", Pid);
            json.WriteString("url", Url.ToString());
            json.WriteEndObject();
        }
        File.Move(temporary, PathIn(folder), overwrite: true);
    }

    /// <summary>Takes the file away if it is still this node's.</summary>
    public void Remove(string folder)
    {
        if (Find(folder) == this) File.Delete(PathIn(folder));
    }
}
