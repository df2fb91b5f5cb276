namespace AkkaWasm.Actors.Offline;

/// <content>
/// All agents, as many at a time as there is room for: the log is gone through as often as it takes. Of the agents of a group the last ones are let go when
/// there is no more room; the next group begins with them.
/// </content>
internal sealed partial class LogSurvey
{
    private long room = long.MaxValue;
    private int first;
    private int end = int.MaxValue;
    private int known;

    /// <summary>The agents that were looked for, in the order of their numbers; without those that others of them go on from.</summary>
    public IReadOnlyList<AgentHistory> Wanted { get; private set; } = [];

    /// <summary>Hands over all agents group by group; the histories of a group may be forgotten with it. Those that go on from an agent of an earlier group come last.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="maxTurns">How many turns and saved images the agents of a group have together; an agent with more is a group alone, and not all of its turns are in memory.</param>
    /// <param name="use">Is given each group.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="only">Numbers of the agents that are meant; null for all. Of blocks that touch none of them only the headers are read.</param>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged.</exception>
    public static void InGroups(JournalFile journal, long maxTurns, Action<LogSurvey> use, CancellationToken cancellation, IReadOnlySet<int>? only = null)
    {
        var apart = new List<int>();
        for (var next = 0; next < int.MaxValue;) next = UseGroup(journal, next, maxTurns, apart, use, only, cancellation);
        foreach (var number in apart)
        {
            var survey = Of(journal, number, all: true, maxTurns, cancellation);
            survey.Wanted = survey.Find(number) is { } fork ? [fork] : [];
            use(survey);
        }
    }

    /// <returns>The number of the agent that the next group begins with; the highest number there is after the last group.</returns>
    private static int UseGroup(JournalFile journal, int from, long maxTurns, List<int> apart, Action<LogSurvey> use, IReadOnlySet<int>? only, CancellationToken cancellation)
    {
        var survey = new LogSurvey(journal, maxTurns) { first = from, room = maxTurns };
        survey.Read(
            journal, (number, _) => only?.Contains(number) != false && survey.Has(number),
            (header, _) => only is null || only.Any(number => Touches(header, number)), cancellation);
        apart.AddRange(survey.SetApart());
        survey.Wanted = [.. survey.byNumber.Values.OrderBy(agent => agent.Number)];
        use(survey);
        return survey.end;
    }

    private bool Has(int number)
    {
        if (number < first || number >= end) return false;
        known = Math.Max(known, number);
        return true;
    }

    /// <summary>Makes room for a turn or an image.</summary>
    private void TakeRoom()
    {
        for (room--; room < 0 && byNumber.Count > 1; known = end - 1)
        {
            end = known;
            if (!byNumber.Remove(known, out var last)) continue;
            room += last.Turns.Count + last.Images.Count;
            last.Turns.Forget();
        }
    }

    /// <summary>Takes out the agents that go on from others that are not here.</summary>
    private List<int> SetApart()
    {
        var apart = new List<int>();
        while (byNumber.Values.FirstOrDefault(history => OriginsOf(history).Any(origin => !byNumber.ContainsKey(origin))) is { } fork)
        {
            byNumber.Remove(fork.Number);
            fork.Turns.Forget();
            apart.Add(fork.Number);
        }
        return apart;
    }
}
