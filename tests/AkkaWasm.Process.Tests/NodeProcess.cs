using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>The program as its users run it: a process of its own on a data folder.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly string Configuration = typeof(NodeProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "Configuration").Value!;

    /// <summary>After which time a process counts as one that never ends. The longest, a replay of an hour of load, takes minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly System.Diagnostics.Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private NodeProcess(string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        start.ArgumentList.Add(Path.Combine(Root, "src", "AkkaWasm.Service", "bin", Configuration, "net10.0", "akkawasm.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        process = new System.Diagnostics.Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static string Root { get; } = FindRoot();

    public static string EarthquakeMesh { get; } = Path.Combine(Root, "config", "earthquakes", "mesh.conf");

    public string Output => Text(output);

    public string Errors => Text(errors);

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>Memory of the process that is in use, MiB.</summary>
    public double ResidentMiB
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Mappings of its address space.</summary>
    public int Mappings => File.ReadLines($"/proc/{process.Id}/maps").Count();

    public static NodeProcess Start(params string[] arguments) => new(arguments);

    public static NodeProcess Serve(string data, params string[] more) => new([.. ServeArguments(data), .. more]);

    public static string[] ServeArguments(string data) => ["serve", EarthquakeMesh, "--data", data, "--set", "akka-wasm.http.port=0"];

    /// <summary>Runs to the end.</summary>
    public static async Task<NodeProcess> RunAsync(params string[] arguments)
    {
        var node = new NodeProcess(arguments);
        await node.ExitAsync();
        return node;
    }

    /// <summary>Runs to the end with variables of the environment.</summary>
    public static async Task<NodeProcess> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var node = new NodeProcess(arguments, environment);
        await node.ExitAsync();
        return node;
    }

    public async Task ExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"'{string.Join(' ', process.StartInfo.ArgumentList.Skip(1))}' has not ended in {Patience}. It said: {Output}{Errors}");
        }
    }

    /// <summary>Where the node listens, once it does; null if it ended before.</summary>
    public async Task<Uri?> ListeningAsync(string data, CancellationToken cancellation)
    {
        var file = Path.Combine(data, "node.json");
        while (!process.HasExited && !cancellation.IsCancellationRequested)
        {
            if (TryRead(file) is { } url) return url;
            await Task.Delay(20, CancellationToken.None);
        }
        return null;
    }

    /// <summary>Ends when the error stream has a text.</summary>
    public async Task WritingAsync(string text, CancellationToken cancellation)
    {
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(process.HasExited, Errors);
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        if (!process.HasExited) process.Kill();
        await ExitAsync();
    }

    /// <summary>Asks it to end as <c>kill -TERM</c> does.</summary>
    public void Terminate()
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private Uri? TryRead(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            return json.RootElement.GetProperty("pid").GetInt32() == process.Id ? new Uri(json.RootElement.GetProperty("url").GetString()!) : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests do not run inside a checkout: no AkkaWasm.sln above them.");
    }
}
