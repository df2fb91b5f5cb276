using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>
/// The world of one program as <c>wasi_snapshot_preview1</c> shows it: arguments, environment, clocks, randomness, standard streams and files.
/// Nothing in it comes from the machine unless its <see cref="WasiHost"/> or <see cref="WasiSettings.HostFolders"/> do; without those the same calls
/// give the same answers everywhere. Used by one thread at a time. The standard:
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md
/// </summary>
/// <remarks>
/// Time stands still while a turn runs, except that a sleep lets both clocks of the turn jump ahead by what was slept. The real-time clock is the
/// host's again in the next turn; the monotonic clock never goes back: where a turn slept beyond the time of the next one, it stands until time has
/// caught up. Reading a file does not change its time of last access.
/// </remarks>
public sealed partial class WasiWorld : IDisposable
{
    /// <summary>The module name of the imports that are served.</summary>
    public const string ModuleName = "wasi_snapshot_preview1";

    private const ulong MemoryDevice = 1;

    private readonly WasiSettings _settings;
    private readonly MemoryFileSystem? _memory;
    private WasiHost? _host;
    private ulong _monotonicFloorNs;
    private ulong _monotonicStartNs;
    private ulong _sleptNs;
    private long _writtenBytes;

    /// <summary>A world as it is before the program has done anything.</summary>
    /// <param name="settings">What it is made with.</param>
    /// <exception cref="IOException">A folder of the machine cannot be opened.</exception>
    /// <exception cref="PlatformNotSupportedException">Folders of the machine are asked for, and the machine does not run Linux.</exception>
    public WasiWorld(WasiSettings settings) : this(settings, isRestored: false)
    {
    }

    private WasiWorld(WasiSettings settings, bool isRestored)
    {
        _settings = settings;
        Descriptors = new DescriptorTable(settings.Limits);
        SetArguments(settings.Arguments);
        SetEnvironment(settings.Environment);
        if (settings.HasMemoryRoot) _memory = new MemoryFileSystem(MemoryDevice, settings.Limits, () => RealtimeNs);
        if (!isRestored) Populate();
    }

    /// <summary>Bytes of all files in memory.</summary>
    public long FileBytes => _memory?.UsedBytes ?? 0;

    internal WasiLimits Limits => _settings.Limits;

    internal DescriptorTable Descriptors { get; }

    /// <summary>The arguments, each with a NUL behind it.</summary>
    internal byte[][] Arguments { get; private set; } = [];

    /// <summary>The environment as NAME=VALUE, each with a NUL behind it.</summary>
    internal byte[][] Environment { get; private set; } = [];

    internal WasiHost Host => _host ?? throw new InvalidOperationException("The program called its world outside of a turn.");

    internal ulong RealtimeNs => _host is null ? 0 : _host.RealtimeNs + _sleptNs;

    internal ulong MonotonicNs => Host.TimePasses ? Host.MonotonicNs : _monotonicStartNs + _sleptNs;

    /// <summary>What the program spent; what it slept where time does not pass.</summary>
    internal ulong ProcessorNs => Host.TimePasses ? Host.ProcessorNs : _sleptNs;

    /// <summary>Lets the program run with what a host gives, until <see cref="EndTurn"/>.</summary>
    public void BeginTurn(WasiHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        _host = host;
        _sleptNs = 0;
        _writtenBytes = 0;
        _monotonicStartNs = Math.Max(_monotonicFloorNs, host.RealtimeNs);
    }

    /// <summary>Ends the turn: nothing of it reaches the host any more.</summary>
    public void EndTurn() => _host = null;

    /// <summary>Gives the program other arguments from its next look on.</summary>
    public void SetArguments(ImmutableArray<string> arguments) => Arguments = [.. arguments.Select(Terminated)];

    /// <summary>Gives the program another environment from its next look on.</summary>
    public void SetEnvironment(ImmutableArray<KeyValuePair<string, string>> environment) =>
        Environment = [.. environment.Select(variable => Terminated($"{variable.Key}={variable.Value}"))];

    /// <summary>
    /// Closes what a program left open when it ended, and opens the standard streams and preopened folders again: a new program begins, in the files
    /// that the last one left.
    /// </summary>
    public void BeginProgram()
    {
        foreach (var (number, _) in Descriptors.All.ToArray()) Descriptors.Close(number);
        OpenAll();
    }

    /// <summary>Closes the machine's folders.</summary>
    public void Dispose() => Descriptors.Dispose();

    internal void Sleep(ulong ns)
    {
        if (Host.TimePasses)
        {
            Host.Sleep(ns);
            return;
        }
        _sleptNs = ulong.MaxValue - _sleptNs - _monotonicStartNs < ns ? ulong.MaxValue - _monotonicStartNs : _sleptNs + ns;
        _monotonicFloorNs = _monotonicStartNs + _sleptNs;
    }

    /// <summary>Counts bytes to be written, or says that the turn may write no more.</summary>
    internal bool MayWrite(long bytes)
    {
        if (bytes > Limits.WrittenBytesPerTurn - _writtenBytes) return false;
        _writtenBytes += bytes;
        return true;
    }

    private void Populate()
    {
        _memory?.MakeRoot();
        OpenAll();
    }

    private void OpenAll()
    {
        foreach (var stream in Enum.GetValues<WasiStream>()) Descriptors.Put((int)stream, WasiDescriptor.Of(stream));
        if (_memory is not null) Descriptors.Add(WasiDescriptor.Preopened(new MemoryDirectory(_memory.Root), "/"));
        foreach (var mount in _settings.Folders) Descriptors.Add(WasiDescriptor.Preopened(new MemoryDirectory(mount.Folder.Root), mount.Path));
        foreach (var mount in _settings.HostFolders) Descriptors.Add(WasiDescriptor.Preopened(HostDirectory.OpenRoot(mount.HostPath), mount.Path));
    }

    private static byte[] Terminated(string text)
    {
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return [.. Encoding.UTF8.GetBytes(end < 0 ? text : text[..end]), 0];
    }
}
