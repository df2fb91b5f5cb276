using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Cli;

/// <summary><c>topology plan</c>, <c>topology apply</c> and <c>topology rollback</c>, on a running node.</summary>
internal static class TopologyChangeCommands
{
    private static Argument<string> File => new("FILE") { Description = "The configuration file with the topology, or - for standard input. Of other sections nothing is used." };

    private static Option<string> Reason => new("--reason") { Description = "Why; stands in the log.", HelpName = "TEXT", DefaultValueFactory = _ => "" };

    private static Option<string?> IfMatch =>
        new("--if-match") { Description = "Changes it only if the topology of this position is still in force; otherwise that of the plan which is shown.", HelpName = "POSITION" };

    public static Option<string> State =>
        new("--state") { Description = $"How the states of agents are moved whose module, config or visible limits become others: {MoveText.Ways}; NAME=WAY for one, with commas between.", HelpName = "WAY", DefaultValueFactory = _ => "" };

    public static Command BuildPlan(CliContext context, OutputOption output)
    {
        var (node, file, state, trial, canary) = (new NodeOptions(), File, State, new TrialOptions(), new CanaryOptions());
        var command = canary.AddTo(trial.AddTo(node.AddTo(new Command("plan", "Says what it would take to give the running mesh another topology, with every check done. Changes nothing.") { file, state })));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            var (body, composed) = await RequestAsync(context, client, parsed.GetRequiredValue(file), cancellation);
            using var plan = await client.PostAsync(PlanPath(parsed, state, canary), json => json.WriteRawValue(body.Span), cancellation);
            using var shown = await trial.RunAsync(parsed, client, plan.RootElement.GetProperty("based_on").GetString()!, body, WayOf(parsed, state), cancellation);
            Write(context, output.Of(parsed), plan.RootElement, shown, composed);
            return (int)(plan.RootElement.GetProperty("possible").GetBoolean() && TrialOptions.IsMet(shown) ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    public static Command BuildApply(CliContext context, OutputOption output)
    {
        var (node, file, reason, ifMatch, state, trial, canary) = (new NodeOptions(), File, Reason, IfMatch, State, new TrialOptions(), new CanaryOptions());
        var drain = new Option<string?>("--drain")
        {
            Description = "Agents that go handle what waits for them first, at most for this long, as 30s; their subscriptions end at once. Otherwise they stop at once.", HelpName = "TIME",
        };
        var command = canary.AddTo(trial.AddTo(node.AddTo(
            new Command("apply", "Gives the running mesh another topology: one record at one position, all of it or nothing.") { file, reason, ifMatch, drain, state })));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            var body = await BodyAsync(context, client, parsed.GetRequiredValue(file), cancellation);
            using var plan = await client.PostAsync(PlanPath(parsed, state, canary), json => json.WriteRawValue(body.Span), cancellation);
            var basedOn = BasedOn(parsed.GetValue(ifMatch), plan.RootElement);
            if (plan.RootElement.GetProperty("possible").GetBoolean())
            {
                using var shown = await trial.RunAsync(parsed, client, basedOn, body, WayOf(parsed, state), cancellation);
                if (shown is not null && !output.Of(parsed)) TopologyTrialText.Write(context, shown.RootElement);
                if (!TrialOptions.IsMet(shown)) throw TrialOptions.Refusal(context, output.Of(parsed), shown!.RootElement);
            }
            var query = UriText.Query([("state", parsed.GetValue(state)), ("reason", parsed.GetRequiredValue(reason)), ("drain", parsed.GetValue(drain)), .. canary.Query(parsed)]);
            return await ChangeAsync(context, output.Of(parsed), client, plan.RootElement, "/v1/topology/apply" + query, basedOn, body, cancellation);
        });
        return command;
    }

    public static Command BuildRollback(CliContext context, OutputOption output)
    {
        var (node, reason, ifMatch, state, canary) = (new NodeOptions(), Reason, IfMatch, State, new CanaryOptions());
        var position = new Argument<string>("POSITION") { Description = "A position at which the topology was in force." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what it would take." };
        var command = canary.AddTo(node.AddTo(
            new Command("rollback", "Gives the running mesh a topology that it had. The agents' states stay as they are, or are moved to the module that they had.") { position, reason, ifMatch, dryRun, state }));
        command.SetAction(async (parsed, cancellation) =>
        {
            var to = LogCommands.ReadPosition("POSITION", parsed.GetRequiredValue(position))!.Value;
            using var client = node.Client(parsed, context);
            IEnumerable<(string Name, object? Value)> how = [("to", to.ToString()), ("state", WayOf(parsed, state)), .. canary.Query(parsed)];
            using var plan = await client.PostAsync("/v1/topology/rollback" + UriText.Query([.. how, ("dry_run", "true")]), WriteNothing, cancellation);
            if (parsed.GetValue(dryRun))
            {
                Write(context, output.Of(parsed), plan.RootElement);
                return (int)(plan.RootElement.GetProperty("possible").GetBoolean() ? ExitCode.Done : ExitCode.Failed);
            }
            var why = parsed.GetRequiredValue(reason) is { Length: > 0 } said ? said : null;
            var path = "/v1/topology/rollback" + UriText.Query([.. how, ("reason", why)]);
            return await ChangeAsync(context, output.Of(parsed), client, plan.RootElement, path, BasedOn(parsed.GetValue(ifMatch), plan.RootElement), null, cancellation);
        });
        return command;
    }

    private static string PlanPath(ParseResult parsed, Option<string> state, CanaryOptions canary) =>
        $"/v1/topology/plan{UriText.Query([("state", WayOf(parsed, state)), .. canary.Query(parsed)])}";

    /// <summary>How states are to be moved, as it was said.</summary>
    public static string WayOf(ParseResult parsed, Option<string> state)
    {
        var text = parsed.GetRequiredValue(state);
        if (MoveText.Read(text).Problem is { } problem) throw new CliException(ExitCode.BadInput, problem);
        return text;
    }

    private static string BasedOn(string? ifMatch, JsonElement plan)
    {
        LogCommands.ReadPosition("--if-match", ifMatch);
        return ifMatch ?? plan.GetProperty("based_on").GetString()!;
    }

    private static async Task<int> ChangeAsync(
        CliContext context, bool asJson, NodeClient client, JsonElement plan, string path, string basedOn, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        if (!plan.GetProperty("possible").GetBoolean())
        {
            Write(context, asJson, plan);
            throw new CliException(ExitCode.Failed, "the mesh cannot become that; nothing was changed");
        }
        using var answer = await client.ChangeAsync(path, basedOn, body, cancellation);
        Write(context, asJson, answer.RootElement);
        if (!asJson && answer.RootElement.GetProperty("outcome").GetString() == "applied") context.Out.WriteLine($"in force from {answer.RootElement.GetProperty("position").GetString()} on");
        return (int)ExitCode.Done;
    }

    private static void Write(CliContext context, bool asJson, JsonElement plan, JsonDocument? trial = null, IReadOnlyDictionary<string, string>? composed = null)
    {
        if (!asJson)
        {
            PlanText.Write(context, plan, composed);
            if (trial is not null) TopologyTrialText.Write(context, trial.RootElement);
            return;
        }
        JsonText.WritePage(context.Out, json =>
        {
            json.WriteStartObject();
            foreach (var field in plan.EnumerateObject()) field.WriteTo(json);
            if (trial is not null)
            {
                json.WritePropertyName("trial");
                trial.RootElement.WriteTo(json);
            }
            json.WriteEndObject();
        });
    }

    /// <summary>The topology as the node takes it; what it needs and the node lacks is brought there first.</summary>
    public static async Task<ReadOnlyMemory<byte>> BodyAsync(CliContext context, NodeClient client, string file, CancellationToken cancellation) =>
        (await RequestAsync(context, client, file, cancellation)).Body;

    /// <summary>The same, and of what agents are composed that are, by name.</summary>
    private static async Task<(ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Composed)> RequestAsync(
        CliContext context, NodeClient client, string file, CancellationToken cancellation)
    {
        var configuration = await TopologySource.ReadAsync(context, file, client, cancellation);
        foreach (var (hash, module) in configuration.Node.Modules)
        {
            await client.KeepAsync($"/v1/modules/{hash}", module.Bytes, cancellation);
            if (module.Signatures is { } signatures) await client.SignAsync(hash, signatures, cancellation);
        }
        foreach (var (hash, folder) in configuration.Node.Folders) await client.KeepAsync($"/v1/folders/{hash}", folder, cancellation);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) TopologyJson.Write(json, configuration.Node.Topology);
        var composed = configuration.Agents.Where(a => a.Module is { IsComposed: true }).ToDictionary(a => a.Definition.Name, a => a.Module!.Written);
        return (buffer.WrittenMemory, composed);
    }

    private static void WriteNothing(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteEndObject();
    }
}
