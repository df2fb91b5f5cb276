using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <content>How agents are.</content>
internal sealed partial class ShardState
{
    private void ApplyHealth(HealthRecord r)
    {
        LastTimeNs = Math.Max(LastTimeNs, r.AtNs);
        var entry = Agents[r.Agent];
        (entry.Health ??= new AgentHealth()).Note(r);
    }

    private void NoteOutcome(AgentEntry entry, bool failed)
    {
        if (failed) (entry.Health ??= new AgentHealth()).Fail(LastTimeNs);
        else if (entry.Health is { RecentFailures: not 0 } health)
        {
            health.Succeed();
            Tidy(entry);
        }
    }

    /// <summary>A life that begins has said nothing; of one that goes back, a record says what it had said by then.</summary>
    private static void ForgetReport(AgentEntry entry)
    {
        if (entry.Health is not { Reported: not null } health) return;
        health.Reported = null;
        Tidy(entry);
    }

    /// <summary>Of an agent that is stopped nothing is to be said any more.</summary>
    private static void ForgetHealth(AgentEntry entry) => entry.Health = null;

    private static void Tidy(AgentEntry entry)
    {
        if (entry.Health is { IsEmpty: true }) entry.Health = null;
    }
}
