using AkkaWasm.Benchmarks;

// Usage: [--short] [NAME...]   measures all, or the named ones; --short takes fewer and smaller rounds.
var isShort = args.Contains("--short");
var wanted = args.Where(a => !a.StartsWith('-')).ToHashSet();
var unknown = wanted.Except(Catalogue.All.Select(b => b.Name)).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine($"error: there is no benchmark '{unknown[0]}'; there are {string.Join(", ", Catalogue.All.Select(b => b.Name))}.");
    return 2;
}
var report = new Report(Console.Out);
foreach (var benchmark in Catalogue.All.Where(b => wanted.Count == 0 || wanted.Contains(b.Name)))
    await benchmark.Run(new Rounds(isShort), report);
return 0;
