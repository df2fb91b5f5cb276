using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using AkkaWasm.Wasm.Tests.Instances;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>
/// What is done to snapshots in processes of their own: restored where they were not made, and forged, which may not end a process. The command
/// <c>golden FILE</c> writes the golden snapshot anew, for a new version of the format.
/// </summary>
internal static class SnapshotWorker
{
    public const string RestoreSet = "restore";
    public const string ForgedSet = "forged";
    public const string GoldenSet = "golden";
    public const string GraphSet = "graphs";
    public const int GoldenNodes = 20;

    private const int ChecksumBytes = 16;
    private const int StateOffset = 8 + 4 + 4 + 36 + 8;

    public static bool Knows(string set) => set is RestoreSet or ForgedSet or GoldenSet or GraphSet;

    public static int Run(string[] args) => args[0] switch
    {
        RestoreSet => Restore(args[1]),
        GoldenSet => WriteGolden(args[1]),
        GraphSet => Graphs(ulong.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture)),
        _ => Forge(ulong.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture)),
    };

    /// <summary>Runs this assembly as a child process and gives what it wrote, its exit code behind it.</summary>
    public static async Task<string> RunChildAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(SnapshotWorker).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return $"{output}{await errors}exit code {process.ExitCode}";
    }

    private static int WriteGolden(string file)
    {
        using var instance = ObjectGuest.Built(GoldenNodes);
        File.WriteAllBytes(file, instance.Capture().ToBytes());
        return 0;
    }

    private static int Graphs(ulong firstSeed, int count)
    {
        using var engine = new WasmEngine();
        const int leastObjects = 10;
        var failures = 0;
        long objects = 0;
        for (var seed = firstSeed; seed < firstSeed + (ulong)count; seed++)
        {
            string? difference;
            try
            {
                (difference, var found) = RandomGraphs.Run(engine, seed);
                objects += found;
            }
            catch (Exception e)
            {
                difference = e.ToString();
            }
            if (difference is null) continue;
            failures++;
            Console.WriteLine($"seed {seed}: {difference}");
        }
        if (objects >= (long)count * leastObjects) return failures;
        Console.WriteLine($"only {objects} objects in {count} graphs");
        return failures + 1;
    }

    private static int Restore(string file)
    {
        using var instance = ObjectGuest.Fresh();
        instance.Restore(WasmSnapshot.FromBytes(File.ReadAllBytes(file)));
        var check = instance.Check();
        instance.Collect();
        instance.Store.ChangeState();
        Console.WriteLine($"{check} {instance.Check()} {instance.CallI32("sum-list")}");
        return 0;
    }

    /// <summary>Restores snapshots that were changed at random under a sound checksum, and lets the guest look at what came of it.</summary>
    private static int Forge(ulong seed, int count)
    {
        using var instance = ObjectGuest.Built(GoldenNodes);
        var sound = instance.Capture().ToBytes();
        var random = new SplitMix(seed);
        var outcomes = new SortedDictionary<string, int>();
        for (var i = 0; i < count; i++)
        {
            var outcome = RestoreForged(Changed(sound, random));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }
        Console.WriteLine(string.Join(", ", outcomes.Select(o => $"{o.Key}: {o.Value}")));
        return 0;
    }

    private static byte[] Changed(byte[] sound, SplitMix random)
    {
        var bytes = sound.ToArray();
        for (var changes = 1 + random.Below(3); changes > 0; changes--)
        {
            var at = random.Below(bytes.Length - StateOffset - ChecksumBytes - 4) + StateOffset;
            switch (random.Below(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next();
                    break;
                case 1:
                    bytes[at] += (byte)(2 * (random.Below(9) - 4));
                    break;
                case 2:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at & ~3), (uint)random.Below(200));
                    break;
                default:
                    var from = random.Below(bytes.Length - StateOffset - ChecksumBytes - 4) + StateOffset;
                    bytes.AsSpan(from, 4).ToArray().CopyTo(bytes.AsSpan(at));
                    break;
            }
        }
        XxHash128.Hash(bytes.AsSpan(0, bytes.Length - ChecksumBytes), bytes.AsSpan(bytes.Length - ChecksumBytes));
        return bytes;
    }

    private static string RestoreForged(byte[] bytes)
    {
        using var instance = ObjectGuest.Fresh();
        try
        {
            var before = instance.ComputeHash();
            try
            {
                instance.Restore(WasmSnapshot.FromBytes(bytes));
            }
            catch (Exception e) when (e is SnapshotCorruptException or ArgumentException)
            {
                instance.Store.ChangeState();
                return instance.ComputeHash() == before ? "refused" : "refused but changed";
            }
            catch (WasmEngineException) when (instance.Faulted)
            {
                return "faulted";
            }
            instance.Collect();
            instance.Check();
            instance.CaptureAnew();
            instance.Collect();
            return "restored";
        }
        catch (WasmTrapException)
        {
            return "restored and trapped";
        }
    }
}
