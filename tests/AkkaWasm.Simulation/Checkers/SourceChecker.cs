using System.Globalization;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>What a source reads comes into the log in its order, all of it and nothing twice, whatever happens between it and its cursor.</summary>
internal sealed class SourceChecker : Checker
{
    public override string Promise => "sources lose nothing and repeat nothing";

    public override void Check(History history)
    {
        foreach (var (source, items) in history.Seen.SourceItems)
        {
            var numbers = history.Events.Where(e => e.Origin == EventOrigin.External && e.Source == source).Select(e => int.Parse(e.Id!.Split('-')[^1], CultureInfo.InvariantCulture)).ToList();
            for (var i = 0; i < numbers.Count; i++) Require(numbers[i] == i, $"the event number {i} of '{source}' in the log is its item {numbers[i]}.");
            Require(numbers.Count == items, $"'{source}' has {items} items; {numbers.Count} came into the log.");
        }
    }
}
