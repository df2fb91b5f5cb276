using System.CommandLine;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>topology canary list</c>, <c>topology canary promote|abort NAME</c>, on a running node. Changes answer when they are done and committed.</summary>
internal static class CanaryCommands
{
    private static readonly (string Verb, string Description)[] Verbs =
    [
        ("promote", "Keeps a changed definition that is watched, without waiting for the time to be over; what was tried on a share of a family gets to all its agents."),
        ("abort", "Takes a changed definition that is watched back, and its agents to the states that they had at the change."),
    ];

    public static Command Build(CliContext context, OutputOption output)
    {
        var canary = new Command("canary", "Shows and decides changes of definitions that are watched (topology apply --watch).") { BuildList(context, output) };
        foreach (var (verb, description) in Verbs) canary.Subcommands.Add(BuildVerb(context, output, verb, description));
        return canary;
    }

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("list", "Lists the definitions that are watched: on which share of their agents, since when, until when, how often they failed and may, what they emitted."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(CanaryEndpoints.Path, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else
            {
                TextTable.Write(context, ["DEFINITION", "STATE", "SHARE", "AGENTS", "SINCE", "UNTIL", "FAILURES", "EMITTED"], answer.RootElement.GetProperty("canaries").EnumerateArray().Select(c => new[]
                {
                    c.GetProperty("definition").GetString()!, c.GetProperty("state").GetString()!, c.GetProperty("share").GetString()!,
                    $"{c.GetProperty("agents").GetRawText()} of {c.GetProperty("of").GetRawText()}", c.GetProperty("since").GetString()!, c.GetProperty("until").GetString()!,
                    $"{c.GetProperty("failures").GetRawText()} of {c.GetProperty("failure_budget").GetRawText()}", c.GetProperty("emitted_since").GetRawText(),
                }));
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildVerb(CliContext context, OutputOption output, string verb, string description)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "Name of the definition." };
        var command = node.AddTo(new Command(verb, description) { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            var definition = parsed.GetRequiredValue(name);
            using var client = node.Client(parsed, context);
            using var answer = await client.RequestAsync(HttpMethod.Post, $"{CanaryEndpoints.Path}/{Uri.EscapeDataString(definition)}/{verb}", null, cancellation);
            if (!output.Of(parsed)) context.Out.WriteLine($"{definition}: {verb} done");
            else
            {
                JsonText.WriteLine(context.Out, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("definition", definition);
                    json.WriteString("done", verb);
                    json.WriteEndObject();
                });
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
