using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Whoever asks for something is answered once, or told that nobody can say; what was said to be done is in the log.</summary>
internal sealed class OperatorChecker : Checker
{
    public override string Promise => "operators are answered";

    public override void Check(History history)
    {
        var forks = history.Records.OfType<AgentRecord>().Where(r => r.Change == AgentChange.Forked).Select(r => r.Name).ToHashSet();
        foreach (var request in history.Seen.Requests)
        {
            Require(request.Answers == 1, $"who asked for {request.What} of '{request.Agent}' was answered {request.Answers} times.");
            if (request is { IsDone: true, Name: { } name }) Require(forks.Contains(name), $"the fork '{name}' was said to be there, and is not in the log.");
        }
        var backs = history.Records.OfType<MeshRewindRecord>().ToList();
        foreach (var back in backs)
            Require(history.Seen.Requests.Any(r => r is { IsOfMesh: true, DryRun: false } && r.Sources == back.Sources && r.To <= back.To && !history.Records.Exists(other => other.Offset > r.To && other.Offset <= back.To && BeginsAnInput(other))),
                $"the mesh went back to {back.To} at {back.Offset}, which nobody had asked for.");
        var done = history.Seen.Requests.Count(r => r is { IsOfMesh: true, DryRun: false, IsDone: true });
        Require(done <= backs.Count, $"{done} times it was said that the mesh had gone back; it did {backs.Count} times.");
    }

    /// <summary>A cut takes in what belongs to one input, and ends before what begins another.</summary>
    private static bool BeginsAnInput(LogRecord record) => record is TurnRecord or ImageRecord or EpochRecord or AgentPauseRecord or GroupPauseRecord or AgentDrainRecord or QuarantineRecord or MeshRewindRecord or CursorRecord or RuleRecord or CrashAskedRecord;
}
