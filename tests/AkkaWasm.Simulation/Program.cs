using System.Globalization;
using System.Text.Json;
using AkkaWasm.Simulation;

// Runs seeds and judges what came of them. Exit codes: 0 every promise holds, 1 one was broken, 2 the arguments are wrong.
var options = new SimulationOptions();
var numbers = new List<long>();
var (isJson, shrinks) = (false, true);
try
{
    for (var i = 0; i < args.Length; i++)
        switch (args[i])
        {
            case "--steps": options = options with { Steps = int.Parse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture) }; break;
            case "--without": options = options with { Without = Faults(args[++i]) }; break;
            case "--focus": options = options with { Focus = Faults(args[++i]) }; break;
            case "--sabotage": options = options with { Sabotage = Enum.Parse<Sabotage>(args[++i]) }; break;
            case "--changes": options = options with { Changes = true }; break;
            case "--replaces": options = options with { Replaces = true }; break;
            case "--pools": options = options with { Pools = true }; break;
            case "--integrates": options = options with { Integrates = true }; break;
            case "--rules": options = options with { Rules = true }; break;
            case "--no-shrink": shrinks = false; break;
            case "--output": isJson = args[++i] == "json"; break;
            default: numbers.Add(long.Parse(args[i], NumberStyles.None, CultureInfo.InvariantCulture)); break;
        }
}
catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException or OverflowException)
{
    Console.Error.WriteLine($"The arguments '{string.Join(' ', args)}' are wrong: {e.Message} Usage: [SEED [COUNT]] [--steps N] [--without FAULT,...] [--focus FAULT,...] [--sabotage NAME] [--changes] [--replaces] [--pools] [--rules] [--integrates] [--no-shrink] [--output text|json]. "
        + $"Faults: {string.Join(", ", Enum.GetNames<Fault>()[1..^1])}. Sabotages: {string.Join(", ", Enum.GetNames<Sabotage>()[1..])}.");
    return 2;
}

var (first, count) = (numbers.ElementAtOrDefault(0), numbers.Count > 1 ? numbers[1] : numbers.Count == 1 ? 1 : 1_000);
var injected = new SortedDictionary<string, long>(StringComparer.Ordinal);
var failed = new List<Trial>();
var changes = new SortedDictionary<string, long>(StringComparer.Ordinal);
long deaths = 0, refusals = 0, operations = 0, turns = 0, records = 0;
for (var seed = first; seed < first + count; seed++)
{
    var trial = Trial.Run(seed, options);
    if (trial.Failure is not null)
    {
        failed.Add(trial);
        Console.Error.WriteLine(trial);
        if (shrinks && trial.Shrink() is { } smaller && smaller != trial) Console.Error.WriteLine($"  smaller: {smaller.Command}\n    {smaller.Failure?.Split('\n')[0]}");
    }
    if (trial.Ended is not { } ended) continue;
    operations += ended.History.Seen.Requests.Count;
    deaths += ended.Simulator.Deaths;
    refusals += ended.Simulator.Refusals;
    turns += ended.History.Turns.Count();
    records += ended.History.Records.Count;
    Count("drain", ended.History.Seen.Drains);
    Count("guest swapped", ended.History.Seen.Swaps);
    foreach (var record in ended.History.Records) Count(Simulator.ChangeOf(record), 1);
    foreach (var (fault, times) in ended.History.Seen.Injected) injected[fault.ToString()] = injected.GetValueOrDefault(fault.ToString()) + times;
}
if (isJson) Console.WriteLine(JsonSerializer.Serialize(new { seeds = count, first, failed = failed.Select(t => t.Seed), deaths, refusals, operations, turns, records, changes, injected }));
else
{
    Console.WriteLine($"{count} seeds from {first} on: {failed.Count} failed; {records} records, {turns} turns, {deaths} deaths, {refusals} damaged logs refused, {operations} operations on agents");
    Console.WriteLine($"  of them {string.Join(", ", changes.Select(c => $"{c.Value} {c.Key}"))}");
    foreach (var (fault, times) in injected) Console.WriteLine($"  {fault,-16} {times,9}");
}
return failed.Count == 0 ? 0 : 1;

void Count(string? change, long times)
{
    if (change is not null) changes[change] = changes.GetValueOrDefault(change) + times;
}

static Fault Faults(string names) => names.Split(',').Aggregate(Fault.None, (all, name) => all | Enum.Parse<Fault>(name));
