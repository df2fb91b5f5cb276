using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>What a source reads comes into the log in its order, all of it and nothing twice, whatever happens between it and its cursor.</summary>
internal sealed class SourceChecker : Checker
{
    public override string Promise => "sources lose nothing and repeat nothing";

    public override void Check(History history)
    {
        foreach (var (source, items) in history.Seen.SourceItems)
        {
            var numbers = NumbersOf(history, source);
            for (var i = 0; i < numbers.Count; i++) Require(numbers[i] == i, $"the event number {i} of '{source}' in the log is its item {numbers[i]}.");
            Require(numbers.Count == items, $"'{source}' has {items} items; {numbers.Count} came into the log.");
        }
    }

    /// <summary>The items in the log; where the sources went back with the mesh, those that were there then and those that came after.</summary>
    private static List<int> NumbersOf(History history, string source)
    {
        var (numbers, then) = (new List<int>(), new Dictionary<long, int[]>());
        foreach (var record in history.Records)
        {
            if (record is EventRecord { Event: { Origin: EventOrigin.External } e } && e.Source == source) numbers.Add(int.Parse(e.Id!.Split('-')[^1], CultureInfo.InvariantCulture));
            if (record is MeshRewindRecord { Sources: true } back) numbers = [.. then[back.To]];
            if (history.Cuts.Contains(record.Offset)) then[record.Offset] = [.. numbers];
        }
        return numbers;
    }
}
