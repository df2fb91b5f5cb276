using System.Globalization;
using System.Text;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Composition;
using AkkaWasm.Wasm.Tests.RandomModules;
using AkkaWasm.Wasm.Tests.Robustness;
using AkkaWasm.Wasm.Tests.Snapshots.Heap;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>
/// The child process that modules go through, so that the death of a process names its killer: before each step it writes
/// number and step to a file, after each module the outcome to another.
/// </summary>
internal static class Worker
{
    public const string SuiteSet = "suite";
    public const string MutationSet = "mutations";
    public const string ResultSet = "results";
    public const string SnapshotSet = "snapshots";
    public const string BombSet = "bombs";
    public const string RandomSet = "random";
    public const string FuzzedSet = "fuzzed";
    public const string ComposedSet = "composed";
    public const string FuzzedComposedSet = "fuzzed-composed";
    public const string LeakSet = "leaks";

    public static int Main(string[] args)
    {
        if (args[0] == LeakSet) return LoadsAndUnloads.Run();
        if (SnapshotWorker.Knows(args[0])) return SnapshotWorker.Run(args);
        var (set, seed) = (args[0], ulong.Parse(args[1], CultureInfo.InvariantCulture));
        var (first, end, stride) = (Number(args[2]), Number(args[3]), Number(args[4]));
        Func<int, ScriptModule> module = set switch
        {
            MutationSet => new Mutations(Binaries(), seed).Mutant,
            BombSet => Bombs.Module,
            RandomSet or ComposedSet => i => new ScriptModule($"seed {Seeds.Of(Seeds.Kept, seed, i)}", ModuleForm.Text, Expectation.Valid, []),
            FuzzedSet or FuzzedComposedSet => i => new ScriptModule($"seed {Seeds.Of(Seeds.KeptFuzzed, seed, i)}", ModuleForm.Binary, Expectation.Valid, []),
            _ => i => SuiteModules.All[i],
        };
        using var progress = new FileStream(args[5], FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        using var results = new StreamWriter(args[6], append: true);
        using var engine = new PlainEngine();
        using var binding = new WasmEngine();
        for (var i = first; i < end; i += stride)
        {
            Note(progress, $"{i}\tmake\t{set}");
            var current = module(i);
            void BeforeStep(string step) => Note(progress, $"{i}\t{step}\t{current.Name}");
            var (outcome, detail) = set switch
            {
                ResultSet => new ResultComparison(engine, BeforeStep).Run(current),
                BombSet => new Detonation(binding, BeforeStep).Run(current),
                RandomSet => new Continuation(binding, BeforeStep).Run(LinkedGuests.Random, Seeds.Of(Seeds.Kept, seed, i)),
                FuzzedSet => new Continuation(binding, BeforeStep).Run(s => LinkedGuests.Fuzzed(s, binding), Seeds.Of(Seeds.KeptFuzzed, seed, i)),
                ComposedSet => new Equivalence(binding, BeforeStep).Run(LinkedGuests.Random, Seeds.Of(Seeds.Kept, seed, i)),
                FuzzedComposedSet => new Equivalence(binding, BeforeStep).Run(s => LinkedGuests.Fuzzed(s, binding), Seeds.Of(Seeds.KeptFuzzed, seed, i)),
                SnapshotSet => new SnapshotComparison(binding, BeforeStep).Run(current),
                _ => new Gauntlet(engine, binding, BeforeStep).Run(current),
            };
            results.WriteLine($"{i}\t{outcome}\t{current.Name}\t{detail.ReplaceLineEndings(" | ").Replace('\t', ' ')}");
            results.Flush();
        }
        return 0;
    }

    /// <summary>The modules that mutations begin from: the well-formed ones, and every tenth malformed binary.</summary>
    private static List<ScriptModule> Binaries()
    {
        var binaries = new List<ScriptModule>();
        foreach (var module in SuiteModules.All.Where((m, i) => m.Expectation != Expectation.Malformed || m.Form == ModuleForm.Binary && i % 10 == 0))
        {
            try
            {
                binaries.Add(module.Form == ModuleForm.Binary ? module : module with { Source = WatText.ToBinary(module.Source, module.Name) });
            }
            catch (ModuleRefusedException)
            {
                // What is no text is no start for a mutation; the suite test lists it.
            }
        }
        return binaries;
    }

    private static void Note(FileStream progress, string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        progress.Position = 0;
        progress.Write(bytes);
        progress.SetLength(bytes.Length);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
