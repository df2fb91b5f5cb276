using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>pool list</c>, <c>pool show NAME</c>, <c>pool resize NAME N</c>, on a running node. A change answers when it is done and committed.</summary>
internal static class PoolCommands
{
    private static readonly ListAndShow Pools =
        new(PoolEndpoints.Path, "pools", ["name", "size", "min", "max", "pending", "held", "age_ms", "moving", "changed", "cause"])
        {
            ListText = "Lists the pools: members now, at least and at most, what waits and for how long, what changed last.",
            ShowText = "Shows a pool: its members, those that rest included, and why it has as many.",
            NameText = "Its name, as crew.", Sentences = Sentences, Parts = [("members", ["name", "role", "state", "partitions", "pending", "held", "turns"])],
        };

    public static Command Build(CliContext context, OutputOption output) => new("pool", "Shows and operates the pools of a running mesh: agents that share their events by keys.")
    {
        Pools.BuildList(context, output), Pools.BuildShow(context, output), BuildResize(context, output),
    };

    private static Command BuildResize(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = Pools.Name();
        var members = new Argument<int>("N") { Description = "How many members it is to have, within its bounds." };
        var reason = new Option<string>("--reason") { Description = "Why, for the log.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var command = node.AddTo(new Command("resize", "Changes how many members a pool has; events of one key stay in their order. It may change again by itself when its cool-down is over.") { name, members, reason });
        command.SetAction(async (parsed, cancellation) =>
        {
            var (pool, count, why) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(members), parsed.GetRequiredValue(reason));
            using var client = node.Client(parsed, context);
            using var answer = await client.RequestAsync(HttpMethod.Post, FormattableString.Invariant($"{Pools.PathOf(pool)}/resize?members={count}&reason={Uri.EscapeDataString(why)}"), null, cancellation);
            if (!output.Of(parsed)) context.Out.WriteLine($"{pool}: {count} members");
            else
            {
                JsonText.WriteLine(context.Out, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("pool", pool);
                    json.WriteNumber("members", count);
                    json.WriteEndObject();
                });
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Sentences(JsonElement pool)
    {
        yield return $"{pool.GetProperty("name")}: {pool.GetProperty("size")} members of {pool.GetProperty("min")} to {pool.GetProperty("max")}, {pool.GetProperty("partitions")} partitions";
        yield return $"changed at {pool.GetProperty("changed")} ({pool.GetProperty("cause")}): {pool.GetProperty("reason")}";
        yield return $"{pool.GetProperty("pending")} events wait, the oldest for {pool.GetProperty("age_ms")} ms; {pool.GetProperty("held")} of them for another member ({pool.GetProperty("moving")} partitions move)";
        if (pool.TryGetProperty("kept", out var kept)) yield return $"its members stay: {kept}";
    }
}
