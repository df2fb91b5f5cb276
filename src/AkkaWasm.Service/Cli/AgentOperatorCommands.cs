using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>agent pause|resume|reset|rewind|kill|simulate-crash NAME</c>, on a running node. They answer when it is done and committed; but of a kill the log says
/// nothing, only of what follows, and a crash that was asked for is to come.
/// </summary>
internal static class AgentOperatorCommands
{
    private const string SimulateCrash = "simulate-crash";

    private const string CrashIsDue = "the next turn will fail, also if the node ends or recovers before it";

    private static readonly (string Verb, string Description)[] Plain =
    [
        ("pause", "Lets an agent wait, over restarts too: its events stay, its timers fire to where they wait."),
        ("resume", "Lets a paused agent go on."),
        ("reset", "Has an agent begin again with a fresh instance and a new incarnation; also one that was stopped. What waits for it stays."),
        ("kill", "Kills the actor of an agent that is awake; it is rebuilt after a back-off. No turn failed, so no budget is spent."),
        (SimulateCrash, "Has the next turn of an agent fail with an operating fault of code simulated, through the whole healing ladder: once, also if the node ends or recovers before."),
    ];

    public static IEnumerable<Command> Build(CliContext context, OutputOption output) =>
        [.. Plain.Select(verb => Build(context, output, verb.Verb, verb.Description, (_, _) => "")), BuildRewind(context, output)];

    private static Command BuildRewind(CliContext context, OutputOption output)
    {
        var to = new Option<string?>("--to") { Description = "The state after the last event up to this position.", HelpName = "POSITION" };
        var turns = new Option<int?>("--turns") { Description = "The state so many turns ago; 10 if nothing is said.", HelpName = "N" };
        var snapshots = new Option<int?>("--snapshots") { Description = "The state of the last snapshot (1), of the one before (2), …", HelpName = "N" };
        var previous = new Option<bool>("--previous-version") { Description = "The version of the module before the present one, in the state that the agent had when it was replaced." };
        var inputs = new Option<string?>("--inputs")
        {
            Description = "What becomes of the events since: suppressed (handled again, nothing of it leaves the agent), reprocessed (as if for the first time), dropped.",
            HelpName = "suppressed|reprocessed|dropped",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what would be undone, and what had been emitted and stands." };
        inputs.AcceptOnlyFromAmong("suppressed", "reprocessed", "dropped");
        var command = Build(context, output, "rewind", "Has an agent go back to an older state, in a new incarnation. What it had emitted since stands; mesh.agent.NAME.rewound lists it.", (parsed, _) =>
            UriText.Query(("to", parsed.GetValue(to)), ("turns", parsed.GetValue(turns)), ("snapshots", parsed.GetValue(snapshots)),
                ("previous_version", parsed.GetValue(previous) ? "true" : null), ("inputs", parsed.GetValue(inputs)), ("dry_run", parsed.GetValue(dryRun) ? "true" : null)));
        foreach (var option in new Option[] { to, turns, snapshots, previous, inputs, dryRun }) command.Options.Add(option);
        return command;
    }

    private static Command Build(CliContext context, OutputOption output, string verb, string description, Func<ParseResult, string, string> query)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "Its name, as histogram or monitors/alaska." };
        var command = node.AddTo(new Command(verb, description) { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            var agent = parsed.GetRequiredValue(name);
            using var client = node.Client(parsed, context);
            using var answer = await client.RequestAsync(HttpMethod.Post, $"{AgentPath.Prefix}{Uri.EscapeDataString(agent)}/{verb}{query(parsed, agent)}", null, cancellation);
            if (answer is not null) WriteOutlook(context, output.Of(parsed), answer.RootElement);
            else if (!output.Of(parsed)) context.Out.WriteLine($"{agent}: {(verb == SimulateCrash ? CrashIsDue : $"{verb} done")}");
            else
            {
                JsonText.WriteLine(context.Out, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("agent", agent);
                    json.WriteString("done", verb);
                    if (verb == SimulateCrash) json.WriteString("note", CrashIsDue);
                    json.WriteEndObject();
                });
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    /// <summary>Where it was only looked, the node says what would happen.</summary>
    private static void WriteOutlook(CliContext context, bool json, JsonElement outlook)
    {
        if (json) JsonText.WritePage(context.Out, outlook.WriteTo);
        else
        {
            TextTable.WritePairs(context, AgentCommands.Pairs("", outlook));
            context.Out.WriteLine("nothing was changed");
        }
    }
}
