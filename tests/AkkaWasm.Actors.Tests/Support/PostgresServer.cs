namespace AkkaWasm.Tests.Support;

/// <summary>
/// A PostgreSQL server of <c>scripts/postgres.sh</c> in a folder of its own, started when a test first needs it. Each test takes a schema of its own.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private readonly Lock gate = new();
    private string? folder;
    private string url = "";
    private int schemas;

    /// <summary>Why there can be no server, in one sentence, or null. In CI it has to be there, and its lack is a failure.</summary>
    public static string? Obstacle { get; } =
        File.Exists("/usr/lib/postgresql/15/bin/postgres") || Environment.GetEnvironmentVariable("AKKAWASM_POSTGRES_BIN") is { Length: > 0 } || Environment.GetEnvironmentVariable("CI") == "true"
            ? null
            : "PostgreSQL 15 is not installed; on Debian: apt-get install postgresql-15, elsewhere name its folder of programs in AKKAWASM_POSTGRES_BIN";

    /// <summary>The connection string of the whole database, password included.</summary>
    public string Url
    {
        get
        {
            EnsureStarted();
            return url;
        }
    }

    /// <summary>The connection string of a new, empty schema.</summary>
    public string NewSchema()
    {
        EnsureStarted();
        Start(); // a test that failed may have left it stopped
        var name = $"s{Interlocked.Increment(ref schemas)}";
        Query($"CREATE SCHEMA {name}");
        return $"{url};Search Path={name}";
    }

    /// <summary>Runs SQL as the owner of the server.</summary>
    /// <returns>What psql prints, without heads.</returns>
    public string Query(string sql)
    {
        EnsureStarted();
        return Run("psql", folder!, "-c", sql);
    }

    /// <summary>Ends the sessions of the server's clients, as a firewall or an administrator would.</summary>
    /// <returns>How many there were.</returns>
    public int EndSessions(string applicationName = "akkawasm") =>
        int.Parse(Query($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{applicationName}'"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Processor time that the server's processes have taken which run now; Linux only.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            EnsureStarted();
            var postmaster = File.ReadLines(Path.Combine(folder!, "cluster", "postmaster.pid")).First();
            var ticks = Directory.EnumerateDirectories("/proc").Select(StatOf).Where(stat => stat is [_, { } parent, ..] && parent == postmaster)
                .Sum(stat => long.Parse(stat![11], System.Globalization.CultureInfo.InvariantCulture) + long.Parse(stat[12], System.Globalization.CultureInfo.InvariantCulture));
            return TimeSpan.FromMilliseconds(ticks * 10); // in hundredths of a second
        }
    }

    /// <summary>Stops the server as a loss of power would.</summary>
    public void Kill()
    {
        EnsureStarted();
        Run("kill", folder!);
    }

    public void Start() => Run("start", folder!);

    public void Dispose()
    {
        if (folder is null) return;
        Run("kill", folder);
        Directory.Delete(folder, recursive: true);
    }

    private void EnsureStarted()
    {
        lock (gate)
        {
            if (folder is not null) return;
            var made = Directory.CreateTempSubdirectory("akkawasm-postgres-").FullName;
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(made, File.GetUnixFileMode(made) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.GroupRead);
            folder = made;
            Start();
            url = Run("url", made);
        }
    }

    /// <summary>What the system says of a process, from its state on, or null.</summary>
    private static string[]? StatOf(string process)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) ? File.ReadAllText(Path.Combine(process, "stat")).Split(')')[^1].Trim().Split(' ') : null;
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }

    private static string Run(string verb, params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(Root, "scripts", "postgres.sh"));
        start.ArgumentList.Add(verb);
        start.Environment["AKKAWASM_POSTGRES_OWNER"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var script = System.Diagnostics.Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        var output = script.StandardOutput.ReadToEnd().TrimEnd();
        script.WaitForExit();
        return script.ExitCode == 0 ? output : throw new InvalidOperationException(errors.Result);
    }

    private static string Root
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
                if (File.Exists(Path.Combine(at.FullName, "AkkaWasm.sln"))) return at.FullName;
            throw new InvalidOperationException("AkkaWasm.sln is in no folder above the tests.");
        }
    }
}
