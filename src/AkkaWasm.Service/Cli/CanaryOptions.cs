using System.CommandLine;

namespace AkkaWasm.Service.Cli;

/// <summary>The options by which a change of the topology is watched.</summary>
internal sealed class CanaryOptions
{
    private readonly Option<string?> watch = new("--watch") { Description = "Watches the definitions that change for so long, and sets one back with its agents' states if it fails too often.", HelpName = "DURATION" };
    private readonly Option<int?> budget = new("--failure-budget") { Description = "With --watch: how many failures are borne; otherwise 3.", HelpName = "COUNT" };
    private readonly Option<string?> within = new("--within") { Description = "With --watch: the time within which failures count together; otherwise 1m.", HelpName = "DURATION" };
    private readonly Option<string?> inputs = new("--inputs")
    {
        Description = "With --watch: what becomes of the events since if a definition is set back: suppressed (handled again, nothing of it leaves the agent), reprocessed (as if for the first time), dropped; otherwise suppressed.",
        HelpName = "suppressed|reprocessed|dropped",
    };

    private readonly Option<string?> share = new("--canary")
    {
        Description = "With --watch: on which share of the agents of a family its new version is tried first, as 10%; the others get it when the time is over and it did not fail too often. Otherwise all get it at once.",
        HelpName = "SHARE",
    };

    /// <summary>Gives a verb the options.</summary>
    public Command AddTo(Command command)
    {
        inputs.AcceptOnlyFromAmong("suppressed", "reprocessed", "dropped");
        foreach (var option in new Option[] { watch, budget, within, inputs, share }) command.Options.Add(option);
        return command;
    }

    /// <summary>What is said of it in a query.</summary>
    public IEnumerable<(string Name, object? Value)> Query(ParseResult parsed) =>
        [("watch", parsed.GetValue(watch)), ("failure_budget", parsed.GetValue(budget)), ("within", parsed.GetValue(within)), ("inputs", parsed.GetValue(inputs)), ("canary", parsed.GetValue(share))];
}
