using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Cli;

/// <summary>The options by which <c>topology plan</c> and <c>topology apply</c> try a change first, and what they then require.</summary>
internal sealed class TrialOptions
{
    private readonly Option<int?> turns = new("--trial")
    {
        Description = "Tries it first: the agents that it concerns run so many of their last turns again as they would become.", HelpName = "TURNS",
    };

    private readonly Option<string> require = Require();

    /// <summary>The option <c>--require</c>.</summary>
    public static Option<string> Require()
    {
        var option = new Option<string>("--require")
        {
            Description = "What the trial must show: that nothing fails that did not, that nothing differs at all, or nothing.", HelpName = string.Join('|', TopologyTrialJson.Requirements),
            DefaultValueFactory = _ => TopologyTrialJson.NameOf(default),
        };
        option.AcceptOnlyFromAmong(TopologyTrialJson.Requirements);
        return option;
    }

    /// <summary>Gives a verb the options.</summary>
    public Command AddTo(Command command)
    {
        turns.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1) result.AddError("--trial must be a number of turns from 1 on");
        });
        command.Options.Add(turns);
        command.Options.Add(require);
        return command;
    }

    /// <summary>Has the node try a topology, if that is asked for.</summary>
    /// <returns>What the node answers, or null.</returns>
    public async Task<JsonDocument?> RunAsync(ParseResult parsed, NodeClient client, string basedOn, ReadOnlyMemory<byte> body, string state, CancellationToken cancellation) =>
        parsed.GetValue(turns) is { } count ? await client.ChangeAsync("/v1/topology/trial" + UriText.Query(("turns", count), ("require", parsed.GetRequiredValue(require)), ("state", state)), basedOn, body, cancellation)
        : null;

    /// <summary>Whether a trial shows what is required, or none was asked for.</summary>
    public static bool IsMet(JsonDocument? trial) => trial?.RootElement.GetProperty("met").GetBoolean() != false;

    /// <summary>Ends the verb, because a trial does not show what is required.</summary>
    public static CliException Refusal(CliContext context, bool asJson, JsonElement trial)
    {
        if (asJson) JsonText.WritePage(context.Out, trial.WriteTo);
        return new CliException(ExitCode.Failed, $"the trial does not show what is required ({trial.GetProperty("require").GetString()}); nothing was changed");
    }
}
