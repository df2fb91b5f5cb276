using System.Diagnostics;
using System.Globalization;

namespace AkkaWasm.Actors.Persistence;

/// <summary>The folder that a node owns while it runs, and the names of what is in it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream heldLock;

    private DataFolder(string path, FileStream heldLock)
    {
        Path = path;
        this.heldLock = heldLock;
    }

    public string Path { get; }

    public string JournalFile => JournalFileOf(Path);

    public string SnapshotsFile => SnapshotsFileOf(Path);

    public string HeadFile => HeadFileOf(Path);

    public string ModulesFolder => ModulesFolderOf(Path);

    public string CacheFolder => CacheFolderOf(Path);

    public static string JournalFileOf(string folder) => System.IO.Path.Combine(folder, "journal.db");

    public static string SnapshotsFileOf(string folder) => System.IO.Path.Combine(folder, "snapshots.db");

    public static string HeadFileOf(string folder) => System.IO.Path.Combine(folder, "log.head");

    public static string ModulesFolderOf(string folder) => System.IO.Path.Combine(folder, "modules");

    public static string CacheFolderOf(string folder) => System.IO.Path.Combine(folder, "cache");

    /// <summary>Makes the folder if it is not there and takes it for this process.</summary>
    /// <exception cref="MeshNodeException">It cannot be made, or another process has it.</exception>
    public static DataFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"The data folder '{path}' cannot be made: {e.Message} Choose another one or correct its rights.", e);
        }
        var file = TakeLock(path);
        try
        {
            // A second file, because nobody else can open the one that is held.
            File.WriteAllText(HolderFileOf(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return new DataFolder(path, file);
    }

    public void Dispose() => heldLock.Dispose();

    private static FileStream TakeLock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, "node.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"The data folder '{path}' cannot be written: {e.Message} Correct its rights or choose another one.", e);
        }
        catch (IOException e)
        {
            throw new MeshNodeException(NodeFailure.Locked, $"The data folder '{path}' is in use by {HolderOf(path)}; end that one first or choose another folder with --data.", e);
        }
    }

    private static string HolderFileOf(string path) => System.IO.Path.Combine(path, "node.pid");

    private static string HolderOf(string path)
    {
        try
        {
            if (!int.TryParse(File.ReadAllText(HolderFileOf(path)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return "another process";
            using var holder = Process.GetProcessById(pid);
            return $"process {pid} ({holder.ProcessName})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return "another process";
        }
    }
}
