namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>Each class of faults has a store, a driver or a publisher that deals with it wrongly: the checkers notice every one.</summary>
public sealed class SabotageTests
{
    private const int Seeds = 100;

    /// <summary>What is done wrong, the faults under which it shows, and what is said of it.</summary>
    private static readonly Dictionary<Sabotage, (Fault Focus, string Says)> Variants = new()
    {
        [Sabotage.LosesACommittedBlock] = (Fault.Kill, "no acknowledged event is lost"),
        [Sabotage.AcknowledgesBeforeTheCommit] = (Fault.Kill | Fault.ShortWrite, "no acknowledged event is lost"),
        [Sabotage.CommitsWithoutSync] = (Fault.PowerLoss | Fault.FailingSync, "it was committed up to offset"),
        [Sabotage.RunsOnPastAHole] = (Fault.ShortWrite | Fault.FullDisk, "refused though it is what was written"),
        [Sabotage.ReplaysABlockTwice] = (Fault.Kill | Fault.LostConnection, "refused though it is what was written"),
        [Sabotage.DropsADamagedTail] = (Fault.LogDamage | Fault.Kill, "no acknowledged event is lost"),
        [Sabotage.SkipsTheEndCheck] = (Fault.Kill, "no acknowledged event is lost"),
        [Sabotage.SkipsTurnsAfterAnOlderImage] = (Fault.ImageDamage | Fault.Kill, "state equals replay"),
        [Sabotage.SkipsBlocksAfterAnOlderState] = (Fault.StateDamage, "lacks the records"),
        [Sabotage.DeliversOutOfOrder] = (Fault.StalledAgent | Fault.SlowDisk, "was next"),
        [Sabotage.RunsCancelledTimers] = (Fault.StalledAgent, "was next"),
        [Sabotage.SwallowsTraps] = (Fault.None, "state equals replay"),
        [Sabotage.IgnoresBudgets] = (Fault.HostFault, "budgets are respected"),
        [Sabotage.ForgetsIdempotencyKeys] = (Fault.Network | Fault.Conflict, "no acknowledged event is lost"),
        [Sabotage.IgnoresCursors] = (Fault.Kill, "sources lose nothing and repeat nothing"),
        [Sabotage.ShowsBeforeTheCommit] = (Fault.SlowDisk, "nothing is shown before its commit"),
        [Sabotage.ServesBeforeItsEpoch] = (Fault.FailingSync | Fault.Kill, "nothing is shown before its commit"),
        [Sabotage.LosesARebuild] = (Fault.None, "stuck"),
        [Sabotage.ForksAnotherState] = (Fault.None, "who goes back is what it was"),
        [Sabotage.RewindsTooFar] = (Fault.None, "who goes back is what it was"),
        [Sabotage.NamesAnotherVersion] = (Fault.None, "who goes back to the version before runs that one"),
        [Sabotage.RewindsToAnotherCut] = (Fault.None, "which nobody had asked for"),
        [Sabotage.GoesBackWhenItOnlyLooks] = (Fault.None, "changed something"),
        [Sabotage.KeepsSourcesRunning] = (Fault.None, "sources lose nothing and repeat nothing"),
        [Sabotage.ForgetsAnOperator] = (Fault.None, "operators are answered"),
        [Sabotage.EndsADrainBeforeTheCommit] = (Fault.SlowDisk, "refused though it is what was written"),
        [Sabotage.ForgetsMoves] = (Fault.Kill, "replay"),
        [Sabotage.IgnoresCircuits] = (Fault.None, "circuits open and close as their policy says"),
        [Sabotage.SkipsThePast] = (Fault.None, "subscriptions begin where they say"),
        [Sabotage.IgnoresQuotas] = (Fault.None, "agents start agents within quotas"),
        [Sabotage.EndsTooEarly] = (Fault.None, "agents start agents within quotas"),
        [Sabotage.RemovesABlockTooMany] = (Fault.Kill, "a recovered shard knows what the live one knew"),
        [Sabotage.DeliversToNewOwnersAtOnce] = (Fault.StalledAgent, "of the same key"),
        [Sabotage.ResizesWatchedPools] = (Fault.None, "while it is watched"),
        [Sabotage.SwallowsHealth] = (Fault.None, "health is told when it changes"),
        [Sabotage.InventsHealth] = (Fault.None, "health is told when it changes"),
        [Sabotage.PreparesEmptyGuests] = (Fault.None, "in the life that began with another module"),
        [Sabotage.ForgetsCanaries] = (Fault.None, "failed too often and was not set back"),
        [Sabotage.PromotesCanariesTooEarly] = (Fault.None, "before its time was over"),
        [Sabotage.IgnoresBounds] = (Fault.None, "which it may not"),
        [Sabotage.AnswersChangesTwice] = (Fault.None, "and that is the answer to nothing"),
        [Sabotage.ActsInDryRuns] = (Fault.None, "is only to say what it would do"),
        [Sabotage.ActsTooSoon] = (Fault.None, "before its"),
        [Sabotage.TriesOnEveryone] = (Fault.None, "ran another version than its own"),
        [Sabotage.LeaksTheClock] = (Fault.ClockJump, "state equals replay"),
    };

    /// <summary>Every death makes sources ask where they stand, which hides that they went on: there is none.</summary>
    private const Fault Deaths = Fault.Kill | Fault.PowerLoss | Fault.ShortWrite | Fault.FailingSync | Fault.LostConnection | Fault.FullDisk | Fault.LogDamage | Fault.LostTail;

    public static TheoryData<string> Names => [.. Enum.GetNames<Sabotage>().Where(n => n != nameof(Sabotage.None))];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_done_wrongly_is_caught(string name)
    {
        var (focus, says) = Variants[Enum.Parse<Sabotage>(name)];
        var options = new SimulationOptions
        {
            Sabotage = Enum.Parse<Sabotage>(name), Replaces = name is nameof(Sabotage.ForgetsMoves) or nameof(Sabotage.NamesAnotherVersion) or nameof(Sabotage.PreparesEmptyGuests) or nameof(Sabotage.TriesOnEveryone)
                or nameof(Sabotage.ResizesWatchedPools),
            Changes = name.Contains("Canaries", StringComparison.Ordinal) || name == nameof(Sabotage.SkipsThePast),
            Rules = name.StartsWith("Acts", StringComparison.Ordinal), Pools = name is nameof(Sabotage.DeliversToNewOwnersAtOnce) or nameof(Sabotage.ResizesWatchedPools),
            Integrates = name is nameof(Sabotage.IgnoresBounds) or nameof(Sabotage.AnswersChangesTwice), Focus = focus,
            Steps = 600, Without = name == nameof(Sabotage.KeepsSourcesRunning) ? Deaths : Fault.None,
        };
        Assert.Contains(Enumerable.Range(0, Seeds).Select(seed => Trial.Run(seed, options)), t => t.Failure?.Contains(says, StringComparison.Ordinal) == true);
    }
}
