using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <content>Which images are saved and kept.</content>
public sealed partial class Shard
{
    /// <summary>The saved images of an agent that are kept, in the order they were saved; empty if there is no such agent.</summary>
    public ImmutableArray<KeptImage> ImagesOf(string agent) => state.Find(agent) is { } entry ? [.. entry.Images.All] : [];

    /// <summary>The image from which a state of an agent is rebuilt the fastest: the last one at or before an event.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="incarnation">Which life of it.</param>
    /// <param name="upTo">Offset of the event.</param>
    /// <returns>The image, or null where the state is rebuilt from turn 0.</returns>
    public KeptImage? ImageAt(string agent, int incarnation, long upTo)
    {
        if (state.Find(agent) is not { } entry) return null;
        var candidates = entry.Images.All.Where(i => i.Incarnation == incarnation && i.Input <= upTo).ToArray();
        return candidates.Length == 0 ? null : candidates[^1];
    }

    /// <summary>All saved images that are kept, or that an agent is rebuilt from or may go back to; one may be named more than once.</summary>
    public IEnumerable<(string Agent, int Incarnation, long Input)> KeptImages() => state.Agents.SelectMany(entry =>
    {
        var kept = entry.Images.All.Select(i => (Agent: entry.Names.In(i.Incarnation), i.Incarnation, i.Input));
        return entry.SavedImage is { } saved ? kept.Append((state.NameIn(saved.Agent, saved.Incarnation), saved.Incarnation, saved.Input)) : kept;
    }).Concat(state.Canaries.Values.SelectMany(watch => watch.Pins).Select(pin => (state.NameIn(pin.Agent, pin.Incarnation), pin.Incarnation, pin.Input)));

    private ImmutableArray<long> OlderImages(LineageImage than) =>
        [.. state.Agents[than.Agent].Images.All.Reverse().Where(i => i.Incarnation == than.Incarnation && i.Input != than.Input).Select(i => i.Input)];
}
