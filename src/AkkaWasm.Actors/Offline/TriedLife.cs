using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>The other version of an agent in one of its lives. What it does goes nowhere.</summary>
/// <param name="survey">What is known of the log.</param>
/// <param name="history">The agent.</param>
internal sealed class TriedLife(LogSurvey survey, AgentHistory history) : IDisposable
{
    /// <summary>After how many successes it is captured, so that a failure costs no more turns than that.</summary>
    private const int ImageEveryTurns = 256;

    private readonly List<RecordedTurn> sinceImage = [];
    private AgentRunner? runner;
    private AgentImage? image;

    /// <summary>The life it is in; 0 before the first.</summary>
    public int Incarnation { get; private set; }

    /// <summary>What it runs under.</summary>
    public TurnSetting? Setting { get; set; }

    /// <summary>Begins a life.</summary>
    /// <param name="incarnation">The life.</param>
    /// <param name="from">The state that it takes over, or null for its first turn.</param>
    /// <exception cref="ImageCorruptException">It cannot take that state over.</exception>
    /// <exception cref="GuestRefusedException">It cannot be an agent.</exception>
    public void Begin(int incarnation, AgentImage? from)
    {
        (Incarnation, image) = (incarnation, from);
        sinceImage.Clear();
        Rebuild();
    }

    /// <summary>Gives it an event. After a failure it goes on from the state before.</summary>
    public TrialOutcome Run(MeshEvent input)
    {
        var memory = MemoryOf(runner);
        var began = TimeProvider.System.GetTimestamp();
        var result = runner!.Run(input, 0);
        if (result.CompactionHelps)
        {
            Rebuild();
            if (runner.MayHaveGarbage) runner.Compact();
            result = runner.Run(input, 0);
        }
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        if (result.Fault is { } fault)
        {
            Rebuild();
            return new TrialOutcome(fault, [], result.Fuel, memory) { Elapsed = elapsed };
        }
        if (runner.IsCompactionDue) runner.Compact();
        Note(new RecordedTurn(input, result.Digest));
        return new TrialOutcome(null, [.. result.Outputs], result.Fuel, MemoryOf(runner)) { Elapsed = elapsed };
    }

    public void Dispose() => runner?.Dispose();

    /// <summary>Size of the memories of an agent, bytes; 0 where it has no guest.</summary>
    public static long MemoryOf(AgentRunner? runner) => runner is { IsUsable: true } ? runner.Usage.MemoryBytes : 0;

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(runner))]
    private void Rebuild()
    {
        runner?.Dispose();
        var identity = new AgentIdentity(history.Number, history.NameIn(Incarnation), Incarnation, Setting!.Definition, survey.Names.NameIn);
        runner = AgentRunner.Rebuild(identity, survey.Names.Identity, Setting.Guests, image, sinceImage);
    }

    private void Note(RecordedTurn turn)
    {
        sinceImage.Add(turn);
        if (sinceImage.Count < ImageEveryTurns || runner!.Capture() is not { } captured) return;
        image = captured;
        sinceImage.Clear();
    }
}
