using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>An image of an agent that is saved and kept.</summary>
/// <param name="Incarnation">Which life of the agent.</param>
/// <param name="Input">Offset of the last event that it contains.</param>
/// <param name="Hash">Hash of the state.</param>
/// <param name="SavedAt">Offset of the record that says that it is saved.</param>
/// <param name="LowestAfter">Lowest offset of an event that was handled between it and the next image, <see cref="long.MaxValue"/> for none yet.</param>
public readonly record struct KeptImage(int Incarnation, long Input, StateHash Hash, long SavedAt, long LowestAfter);

/// <summary>
/// The images of one agent that are kept, in the order they were saved: the newest, and of the older ones a few, ever further apart. What an image that
/// goes would have been needed for begins from the one before it.
/// </summary>
internal sealed class ImageCatalogue
{
    private readonly List<KeptImage> images = [];

    public IReadOnlyList<KeptImage> All => images;

    public KeptImage? Newest => images.Count == 0 ? null : images[^1];

    /// <summary>Takes over what was saved.</summary>
    public void Restore(ImmutableArray<KeptImage> saved) => images.AddRange(saved);

    /// <summary>Notes that turns were run after the newest image.</summary>
    /// <param name="lowestInput">Lowest offset of their events.</param>
    public void Extend(long lowestInput)
    {
        if (images.Count > 0) Extend(images.Count - 1, lowestInput);
    }

    /// <summary>Adds an image; one of the same life at the same event takes the place of the other.</summary>
    /// <param name="image">The image.</param>
    /// <param name="policy">How many are kept.</param>
    /// <param name="isPinned">Whether one is kept for another reason, and does not count; null where none is.</param>
    /// <returns>The images that are not kept any more.</returns>
    public List<KeptImage> Add(KeptImage image, AgentDefinition policy, Predicate<KeptImage>? isPinned = null)
    {
        images.RemoveAll(i => i.Incarnation == image.Incarnation && i.Input == image.Input);
        if (images.Count == 0) images.Capacity = 1; // most agents of a family have no more
        images.Add(image);
        var dropped = new List<KeptImage>();
        var most = policy.KeepSnapshots + policy.KeepOlderSnapshots + (isPinned is null ? 0 : images.Count(i => isPinned(i)));
        while (images.Count > most && LeastMissed(images.Count - policy.KeepSnapshots, isPinned) is >= 0 and var least) dropped.Add(Remove(least));
        return dropped;
    }

    /// <summary>The lowest offset that the newest images need of the log to lead to the present, <see cref="long.MaxValue"/> for none.</summary>
    /// <param name="count">How many of the newest are asked about.</param>
    public long LowestAfterNewest(int count)
    {
        var lowest = long.MaxValue;
        for (var i = Math.Max(0, images.Count - count); i < images.Count; i++) lowest = Math.Min(lowest, images[i].LowestAfter);
        return lowest;
    }

    /// <summary>Takes away images from which the log does not lead on any more; never the newest.</summary>
    /// <param name="beginning">Offset of the first record of the log.</param>
    /// <param name="count">How many of the newest stay in any case.</param>
    /// <param name="isNeeded">Whether one stays for another reason.</param>
    /// <returns>The images that are not kept any more.</returns>
    public List<KeptImage>? DropUnreachable(long beginning, int count, Predicate<KeptImage> isNeeded)
    {
        List<KeptImage>? dropped = null;
        for (var i = images.Count - count - 1; i >= 0; i--)
        {
            if (images[i].LowestAfter >= beginning || isNeeded(images[i])) continue;
            (dropped ??= []).Add(images[i]);
            images.RemoveAt(i);
        }
        return dropped;
    }

    /// <summary>Of the older images, the oldest excepted, the one whose place leaves the smallest gap in proportion to its age; -1 where none may go.</summary>
    private int LeastMissed(int older, Predicate<KeptImage>? isPinned)
    {
        var newest = images[^1].SavedAt;
        var (least, at) = (double.MaxValue, isPinned?.Invoke(images[0]) == true ? -1 : 0);
        for (var i = 1; i < older; i++)
        {
            if (isPinned?.Invoke(images[i]) == true) continue;
            var share = (images[i + 1].SavedAt - images[i - 1].SavedAt) / (double)Math.Max(1, newest - images[i + 1].SavedAt + 1);
            if (share < least) (least, at) = (share, i);
        }
        return at;
    }

    private KeptImage Remove(int at)
    {
        var removed = images[at];
        if (at > 0) Extend(at - 1, removed.LowestAfter);
        images.RemoveAt(at);
        return removed;
    }

    private void Extend(int at, long lowestInput) => images[at] = images[at] with { LowestAfter = Math.Min(images[at].LowestAfter, lowestInput) };
}
