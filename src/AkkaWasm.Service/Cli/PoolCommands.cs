using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>pool list</c>, <c>pool show NAME</c>, <c>pool resize NAME N</c>, on a running node. A change answers when it is done and committed.</summary>
internal static class PoolCommands
{
    private static readonly string[] OfPool = ["name", "size", "min", "max", "pending", "held", "age_ms", "moving", "changed", "cause"];
    private static readonly string[] OfMember = ["name", "role", "state", "partitions", "pending", "held", "turns"];

    public static Command Build(CliContext context, OutputOption output) => new("pool", "Shows and operates the pools of a running mesh: agents that share their events by keys.")
    {
        BuildList(context, output), BuildShow(context, output), BuildResize(context, output),
    };

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("list", "Lists the pools: members now, at least and at most, what waits and for how long, what changed last."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(PoolEndpoints.Path, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, OfPool, answer.RootElement.GetProperty("pools"));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = Name();
        var command = node.AddTo(new Command("show", "Shows a pool: its members, those that rest included, and why it has as many.") { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync($"{PoolEndpoints.Path}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, answer.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildResize(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = Name();
        var members = new Argument<int>("N") { Description = "How many members it is to have, within its bounds." };
        var reason = new Option<string>("--reason") { Description = "Why, for the log.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var command = node.AddTo(new Command("resize", "Changes how many members a pool has; events of one key stay in their order. It may change again by itself when its cool-down is over.") { name, members, reason });
        command.SetAction(async (parsed, cancellation) =>
        {
            var (pool, count, why) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(members), parsed.GetRequiredValue(reason));
            using var client = node.Client(parsed, context);
            using var answer = await client.RequestAsync(HttpMethod.Post, FormattableString.Invariant($"{PoolEndpoints.Path}/{Uri.EscapeDataString(pool)}/resize?members={count}&reason={Uri.EscapeDataString(why)}"), null, cancellation);
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

    private static Argument<string> Name() => new("NAME") { Description = "Its name, as crew." };

    private static void Write(CliContext context, JsonElement pool)
    {
        context.Out.WriteLine($"{pool.GetProperty("name")}: {pool.GetProperty("size")} members of {pool.GetProperty("min")} to {pool.GetProperty("max")}, {pool.GetProperty("partitions")} partitions");
        context.Out.WriteLine($"changed at {pool.GetProperty("changed")} ({pool.GetProperty("cause")}): {pool.GetProperty("reason")}");
        context.Out.WriteLine($"{pool.GetProperty("pending")} events wait, the oldest for {pool.GetProperty("age_ms")} ms; {pool.GetProperty("held")} of them for another member ({pool.GetProperty("moving")} partitions move)");
        if (pool.TryGetProperty("kept", out var kept)) context.Out.WriteLine($"its members stay: {kept}");
        Write(context, OfMember, pool.GetProperty("members"));
    }

    private static void Write(CliContext context, string[] columns, JsonElement rows) => TextTable.Write(
        context, [.. columns.Select(c => c.Replace('_', ' ').ToUpperInvariant())], rows.EnumerateArray().Select(row => columns.Select(column => row.GetProperty(column).ToString()).ToArray()));
}
