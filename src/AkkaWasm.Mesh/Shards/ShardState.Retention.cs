namespace AkkaWasm.Mesh.Shards;

/// <content>Where the log begins, and the images that agents begin from.</content>
internal sealed partial class ShardState
{
    private readonly HashSet<AgentEntry> borrowers = [];

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning { get; set; }

    /// <summary>How often somebody went back, so that more of the log may be needed than before; counted while the process runs.</summary>
    internal int Returns { get; private set; }

    /// <summary>Images from which the log does not lead on any more are given up with it. Those of agents that are stopped lead nowhere.</summary>
    private void ApplyRetention(RetentionRecord r)
    {
        Beginning = r.Beginning;
        foreach (var entry in Agents)
        {
            var held = entry.Stopped ? 0 : entry.ImagesHeld(r.Images);
            if (entry.Images.DropUnreachable(r.Beginning.Offset, held, i => IsSavedImage(entry, i) || IsPinned(entry.Number, i.Incarnation, i.Input)) is not { } dropped) continue;
            foreach (var image in dropped) Drop(entry, image);
        }
    }

    private static bool IsSavedImage(AgentEntry entry, KeptImage image) =>
        !entry.Stopped && entry.SavedImage is { } saved && saved.Agent == entry.Number && saved.Incarnation == image.Incarnation && saved.Input == image.Input;

    /// <summary>What an image is dropped from does not need it any more; an agent that has begun with it may.</summary>
    private void Drop(AgentEntry entry, KeptImage image)
    {
        if (!IsBorrowed(entry.Number, image.Incarnation, image.Input)) DroppedImages.Add(new DropImage(entry.Names.In(image.Incarnation), image.Incarnation, image.Input));
    }

    /// <summary>Says which image the state of an agent begins from; one of another agent, that nobody needs any more, is dropped.</summary>
    private void BeginFrom(AgentEntry entry, LineageImage? image)
    {
        var before = Borrows(entry) ? entry.SavedImage : null;
        entry.SavedImage = image;
        if (Borrows(entry)) borrowers.Add(entry);
        else if (before is not null) borrowers.Remove(entry);
        if (before is not null) Unborrow(before);
    }

    /// <summary>An image of another agent goes when nobody needs it any more.</summary>
    private void Unborrow(LineageImage image)
    {
        if (IsBorrowed(image.Agent, image.Incarnation, image.Input)) return;
        var origin = Agents[image.Agent];
        if (!origin.Images.All.Any(i => i.Incarnation == image.Incarnation && i.Input == image.Input))
            DroppedImages.Add(new DropImage(origin.Names.In(image.Incarnation), image.Incarnation, image.Input));
    }

    private bool IsBorrowed(int agent, int incarnation, long input) => IsPinned(agent, incarnation, input) ||
        borrowers.Count > 0 && borrowers.Any(b => b.SavedImage is { } image && image.Agent == agent && image.Incarnation == incarnation && image.Input == input);

    private static bool Borrows(AgentEntry entry) => entry.SavedImage is { } image && image.Agent != entry.Number;
}
