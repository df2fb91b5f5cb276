using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>
/// Writes the body of one function as text, valid by construction. Most accesses are kept inside their bounds, so that calls get far; the others trap.
/// Each function takes one unit of the module's own fuel and returns at once if there is none, which bounds every recursion.
/// </summary>
internal sealed partial class CodeWriter(SplitMix random, GuestItems items, DefinedType type)
{
    public const string Fuel = "$fuel";
    private const int StatementsEach = 5;
    private const int Depth = 3;
    private const int MostRounds = 3;

    private readonly ConstantWriter _constants = new(random, items);
    private readonly List<(string Id, GuestType Type)> _locals = [.. type.Parameters.Select((p, i) => ($"$p{i}", p))];
    private int _labels;
    private int _nesting;

    /// <summary>The locals and the body of a function of the type.</summary>
    public string Function()
    {
        for (var n = random.Below(4); n > 0; n--) _locals.Add(($"$l{_locals.Count}", items.Types.Value()));
        var text = $"""
            (if (i32.le_s (global.get {Fuel}) (i32.const 0)) (then (return {string.Join(' ', type.Results.Select(ConstantWriter.Default))})))
            (global.set {Fuel} (i32.sub (global.get {Fuel}) (i32.const 1)))
            {Statements(StatementsEach + random.Below(StatementsEach))}
            {Ending()}
            """;
        var scratch = items.Types.Objects.Select(t => (Id: Scratch(t), Type: t.Nullable)).Concat(Counters());
        var parameters = string.Concat(type.Parameters.Select((p, i) => $" (param $p{i} {p.Name})"));
        var results = string.Concat(type.Results.Select(r => $" (result {r.Name})"));
        var locals = string.Concat(_locals.Skip(type.Parameters.Length).Concat(scratch).Select(l => $" (local {l.Id} {l.Type.Name})"));
        return $"(type {type.Id}){parameters}{results}{locals}\n{text}";
    }

    private static string Scratch(DefinedType type) => $"$x{type.Id[1..]}";

    private static IEnumerable<(string Id, GuestType Type)> Counters() =>
        Enumerable.Range(0, Depth + 2).Select(i => ($"$n{i}", GuestType.I32)).Append(("$at", GuestType.I32)).Append(("$at64", GuestType.I64));

    /// <summary>The results, or the same by a tail call of a function of this type.</summary>
    private string Ending()
    {
        var same = items.Functions.Where(f => f.Type.Results.SequenceEqual(type.Results)).ToArray();
        return random.Below(4) == 0 && GuestItems.OneOf(random, same) is { } next
            ? $"(return_call {next.Id}{Arguments(next.Type)})"
            : string.Join(' ', type.Results.Select(r => Value(r, Depth)));
    }

    private string Arguments(DefinedType called) => string.Concat(called.Parameters.Select(p => " " + Value(p, 1)));

    private string Statements(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => Statement()));

    private string NewLabel() => $"$b{_labels++}";

    private bool Chance(int oneIn) => random.Below(oneIn) == 0;

    private string Drop(IEnumerable<GuestType> results, string call) => $"{call}{string.Concat(results.Select(_ => " drop"))}";
}
