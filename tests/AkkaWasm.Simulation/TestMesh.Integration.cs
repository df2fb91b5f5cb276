using System.Text;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <content>
/// Agents change the topology. What they ask for is read when it is committed, which takes time, and made when no decision is underway; the topology may be another
/// by then.
/// </content>
internal sealed partial class TestMesh
{
    private readonly Queue<ChangeAskedRecord> asked = [];
    private readonly Queue<(ChangeAskedRecord Request, AskedChange? Change)> read = [];

    private bool CanAnswerChange => read.Count > 0 && decisions.Count == 0 && replacing is null && !IsDraining;

    private void ReadChange(ChangeAskedRecord request) => read.Enqueue((request, ReadChange(Encoding.UTF8.GetString(request.Text.Span))));

    private void AnswerChange((ChangeAskedRecord Request, AskedChange? Change) answer)
    {
        var at = answer.Request.Offset;
        if (answer.Change is not { } change) Shard.RefuseChange(at, new TopologyProblem("", "It is no change."), NowNs);
        else if (!change.OnlyPlans && Shard.PlanAsked(at, change) is { IsPossible: true, Moves.IsEmpty: false } plan)
            Prepare(new ReplaceUnderway(plan, ready => Shard.AnswerChange(at, change, NowNs, ready), fault =>
            {
                Shard.EndPreparation();
                Shard.RefuseChange(at, new TopologyProblem("", fault.Message), NowNs);
            }));
        else Shard.AnswerChange(at, change, NowNs);
        if (sabotage == Sabotage.AnswersChangesTwice && answer.Change is { } again) Shard.ApplyTopology(again.Target, null, TopologyAuthor.Agent(NameOf(answer.Request.Agent)), "", NowNs);
    }

    /// <summary><c>[plan] [if OFFSET] put NAME GROUP MODULE DEADLINE-MS PUBLISH SUBSCRIBE</c>, <c>drop NAME [DRAIN-MS]</c>, <c>pause NAME</c>, <c>resume NAME</c>; null for anything else.</summary>
    private AskedChange? ReadChange(string text)
    {
        var words = new Queue<string>(text.Split(' '));
        var change = new AskedChange(Shard.Topology!, Shard.TopologyAt.Offset);
        if (words.Peek() == "plan") change = change with { OnlyPlans = words.Dequeue().Length > 0 };
        if (words.Peek() == "if") change = change with { IfMatch = long.Parse(words.Skip(1).First()) };
        if (words.Peek() == "if") words = new(words.Skip(2));
        string[] rest = [.. words.Skip(1)];
        return words.Peek() switch
        {
            "put" => change with { Target = With(change.Target, rest) },
            "drop" => change with
            {
                Target = change.Target with { Agents = [.. change.Target.Agents.Where(a => a.Name != rest[0])] }, Drain = rest.Length > 1 ? TimeSpan.FromMilliseconds(long.Parse(rest[1])) : null,
            },
            "pause" => change with { Pause = [rest[0]] },
            "resume" => change with { Resume = [rest[0]] },
            _ => null,
        };
    }

    private static MeshTopology With(MeshTopology running, string[] words)
    {
        var place = running.Agents.Select(a => a.Name).ToList().IndexOf(words[0]);
        var before = place < 0 ? new AgentDefinition { Name = words[0], ModuleHash = "", SnapshotEveryTurns = 3, HashEveryTurns = 3 } : running.Agents[place];
        var put = before with
        {
            Group = words[1], ModuleHash = words[2], Limits = before.Limits with { Deadline = TimeSpan.FromMilliseconds(long.Parse(words[3])) },
            Capabilities = before.Capabilities with { Publish = [words[4]] }, Subscriptions = [words[5]],
        };
        return running with { Agents = place < 0 ? running.Agents.Add(put) : running.Agents.SetItem(place, put) };
    }
}
