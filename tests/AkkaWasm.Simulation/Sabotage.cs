namespace AkkaWasm.Simulation;

/// <summary>What a driver of the mesh, a store or a publisher can do wrong. The checkers must notice each.</summary>
internal enum Sabotage
{
    None,

    /// <summary>A committed block is gone after a crash, and so is the note of how far the log reached.</summary>
    LosesACommittedBlock,

    /// <summary>Publishers are told before the commit.</summary>
    AcknowledgesBeforeTheCommit,

    /// <summary>A commit is reported when it was written and not synced.</summary>
    CommitsWithoutSync,

    /// <summary>A commit that failed is taken for one that succeeded.</summary>
    RunsOnPastAHole,

    /// <summary>After a restart a row of the journal is read twice.</summary>
    ReplaysABlockTwice,

    /// <summary>A damaged row is dropped with all that follow, instead of being refused.</summary>
    DropsADamagedTail,

    /// <summary>Nobody compares the end of the log with how far it reached.</summary>
    SkipsTheEndCheck,

    /// <summary>An older image takes the place of a damaged one without the turns in between.</summary>
    SkipsTurnsAfterAnOlderImage,

    /// <summary>The shard's older state takes the place of a damaged one without the blocks in between.</summary>
    SkipsBlocksAfterAnOlderState,

    /// <summary>An agent gets its events in another order.</summary>
    DeliversOutOfOrder,

    /// <summary>An agent handles a timer that it took back.</summary>
    RunsCancelledTimers,

    /// <summary>What a guest traps on is taken for handled.</summary>
    SwallowsTraps,

    /// <summary>Failures are not counted.</summary>
    IgnoresBudgets,

    /// <summary>Ids of published events are forgotten at once.</summary>
    ForgetsIdempotencyKeys,

    /// <summary>A source goes on behind where its cursor stands.</summary>
    IgnoresCursors,

    /// <summary>Answers and events are shown before what they rest on is committed.</summary>
    ShowsBeforeTheCommit,

    /// <summary>What comes from outside is served before the block with the epoch is committed.</summary>
    ServesBeforeItsEpoch,

    /// <summary>An agent that is healed never comes back.</summary>
    LosesARebuild,

    /// <summary>Of the log's beginning one row more is removed than may be.</summary>
    RemovesABlockTooMany,

    /// <summary>A guest sees the time of its machine.</summary>
    LeaksTheClock,

    /// <summary>A fork lacks the last turn of the state that it is to begin with.</summary>
    ForksAnotherState,

    /// <summary>An agent goes back a turn more than was decided.</summary>
    RewindsTooFar,

    /// <summary>An agent that goes back to the version before runs another one then.</summary>
    NamesAnotherVersion,

    /// <summary>The mesh goes back to a cut before the one that was asked for.</summary>
    RewindsToAnotherCut,

    /// <summary>The mesh goes back where it was only to be said what would happen.</summary>
    GoesBackWhenItOnlyLooks,

    /// <summary>Sources go on from where they are though the mesh went back with them.</summary>
    KeepsSourcesRunning,

    /// <summary>Somebody who asked for something is never answered.</summary>
    ForgetsAnOperator,

    /// <summary>The state of a node that ends is saved when its last blocks are not committed.</summary>
    EndsADrainBeforeTheCommit,

    /// <summary>An agent is rebuilt as if it had had its present module from the beginning.</summary>
    ForgetsMoves,

    /// <summary>An agent that is awake goes on with a guest that has nothing of its state when it gets another module.</summary>
    PreparesEmptyGuests,

    /// <summary>A changed definition that failed too often is not set back.</summary>
    ForgetsCanaries,

    /// <summary>A changed definition is judged by a clock that is ahead.</summary>
    PromotesCanariesTooEarly,

    /// <summary>Circuits of families never open.</summary>
    IgnoresCircuits,

    /// <summary>Of the events from before a subscription one is not brought.</summary>
    SkipsThePast,

    /// <summary>Quotas of agents that start agents are not those that were asked for.</summary>
    IgnoresQuotas,

    /// <summary>Agents end by themselves before they had nothing to do for long enough.</summary>
    EndsTooEarly,

    /// <summary>When a partition of a pool changes hands, its new member does not wait until the old one has handled what it has.</summary>
    DeliversToNewOwnersAtOnce,

    /// <summary>A pool grows and shrinks while a change of it is watched.</summary>
    ResizesWatchedPools,

    /// <summary>What an agent asks for is changed though it may not.</summary>
    IgnoresBounds,

    /// <summary>What an agent asks for is changed twice.</summary>
    AnswersChangesTwice,

    /// <summary>What guests say of their health is lost on the way to the shard.</summary>
    SwallowsHealth,

    /// <summary>What a guest did not say of its health is told to the shard.</summary>
    InventsHealth,

    /// <summary>Rules act that are only to say what they would do.</summary>
    ActsInDryRuns,

    /// <summary>Rules act before their lines hold for long enough, and before their cool-down is over.</summary>
    ActsTooSoon,

    /// <summary>A version that is tried on a share of a family runs in all agents that are made anew.</summary>
    TriesOnEveryone,
}
