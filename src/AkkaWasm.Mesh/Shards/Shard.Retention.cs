namespace AkkaWasm.Mesh.Shards;

/// <content>The beginning of the log is given up.</content>
public sealed partial class Shard
{
    private int needsLookedAt;
    private int needsReturns;
    private long neededFrom;

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning => state.Beginning;

    /// <summary>
    /// Finds out from where on the log is needed for what is to come, some agents at a time: ask again and again, between other inputs, until it is known.
    /// What an agent needs only ever begins later, unless somebody goes back; then it begins anew.
    /// </summary>
    /// <param name="images">From how many of each agent's newest images the log is to lead on, 1 or more.</param>
    /// <param name="agents">How many agents are looked at now, 1 or more.</param>
    /// <returns>The offset, or null as long as it is not known.</returns>
    public long? FindNeeded(int images, int agents)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        if (needsLookedAt == 0 || needsReturns != state.Returns) (needsLookedAt, needsReturns, neededFrom) = (0, state.Returns, NeededForCanaries(state.NextOffset));
        var end = (int)Math.Min(state.Agents.Count, (long)needsLookedAt + agents);
        for (; needsLookedAt < end; needsLookedAt++) neededFrom = Math.Min(neededFrom, NeededBy(state.Agents[needsLookedAt], images));
        if (needsLookedAt < state.Agents.Count) return null;
        needsLookedAt = 0;
        return neededFrom;
    }

    /// <summary>
    /// Gives the log up before an offset. The state of the shard as of there has to be saved before: the record is the promise that it is. When it is
    /// committed, <see cref="RemoveRows"/> follows.
    /// </summary>
    /// <param name="beginning">Where the log is to begin; its offset that of the first record of a block, no more than what <see cref="FindNeeded"/> found.</param>
    /// <param name="images">The same as was given to <see cref="FindNeeded"/>.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>Whether it is done; false if the log begins there already, more of it is needed since, or it is not committed up to there.</returns>
    public bool Retain(LogBeginning beginning, int images, long now)
    {
        Advance(now);
        if (beginning.Offset <= state.Beginning.Offset || beginning.Offset > neededFrom || beginning.Offset > state.CommittedOffset) return false;
        if (needsReturns != state.Returns || state.Agents.Exists(WantsRewind)) return false;
        var offset = Append(new RetentionRecord(beginning, images));
        Gate(new RemoveRows(beginning), offset);
        return true;
    }

    private long NeededForCanaries(long otherwise) => state.Canaries.Values.Select(watch => watch.NeededFrom).Concat(state.Pasts.Values.Select(past => past.ReadThrough + 1)).Append(otherwise).Min();

    private long NeededBy(AgentEntry entry, int images)
    {
        var needed = long.MaxValue;
        foreach (var input in entry.Quarantine.Keys) needed = Math.Min(needed, input);
        if (entry.Stopped) return needed;
        if (LineagePath.NeedsFirstTurn(entry.Moves)) return 0;
        if (entry.Init >= 0) needed = Math.Min(needed, entry.Init);
        if (entry.Pending.Count > 0) needed = Math.Min(needed, entry.Pending[0]);
        if (entry.HealPending && entry.HealCause.Input >= 0) needed = Math.Min(needed, entry.HealCause.Input);
        foreach (var turn in entry.Tail) needed = Math.Min(needed, turn.Input);
        return Math.Min(Math.Min(needed, state.Timers.LowestCauseOf(entry.Number)), entry.Images.LowestAfterNewest(entry.ImagesHeld(images)));
    }

    /// <summary>What a state of the past is made of, and what is to be handled again, has to be in the log.</summary>
    /// <returns>One sentence that says that it is not, or null.</returns>
    private string? LiesBeforeTheLog(string what, IEnumerable<long> inputs)
    {
        if (state.Beginning.Offset == 0) return null;
        var lowest = inputs.DefaultIfEmpty(long.MaxValue).Min();
        return lowest < state.Beginning.Offset ? $"{what} needs the event at offset {lowest}; {Begins}." : null;
    }

    private string Begins => LogBeginningText.Of(state.Beginning);
}
