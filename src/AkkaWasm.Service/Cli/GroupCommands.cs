using System.CommandLine;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>group list</c>, <c>group pause|resume NAME</c>, on a running node. Changes answer when they are done and committed.</summary>
internal static class GroupCommands
{
    private static readonly (string Verb, string Description)[] Verbs =
    [
        ("pause", "Lets all agents of a group and of the groups below it wait, over restarts too; also those that come to be in it from then on."),
        ("resume", "Lets a paused group go on; agents that are paused by themselves stay so."),
    ];

    public static Command Build(CliContext context, OutputOption output)
    {
        var group = new Command("group", "Shows and operates the groups of agents of a running mesh.") { BuildList(context, output) };
        foreach (var (verb, description) in Verbs) group.Subcommands.Add(BuildVerb(context, output, verb, description));
        return group;
    }

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("list", "Lists the groups: name, group above, state, how many agents live in each."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(GroupEndpoints.Path, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else
            {
                TextTable.Write(context, ["GROUP", "IN", "STATE", "AGENTS"], answer.RootElement.GetProperty("groups").EnumerateArray().Select(g => new[]
                {
                    g.GetProperty("name").GetString()!, g.GetProperty("parent").GetString() ?? "-", g.GetProperty("state").GetString()!, g.GetProperty("agents").GetRawText(),
                }));
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildVerb(CliContext context, OutputOption output, string verb, string description)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "Its name, as default." };
        var command = node.AddTo(new Command(verb, description) { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            var group = parsed.GetRequiredValue(name);
            using var client = node.Client(parsed, context);
            using var answer = await client.RequestAsync(HttpMethod.Post, $"{GroupEndpoints.Path}/{Uri.EscapeDataString(group)}/{verb}", null, cancellation);
            if (!output.Of(parsed)) context.Out.WriteLine($"{group}: {verb} done");
            else
            {
                JsonText.WriteLine(context.Out, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("group", group);
                    json.WriteString("done", verb);
                    json.WriteEndObject();
                });
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
