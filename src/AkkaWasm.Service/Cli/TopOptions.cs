using System.CommandLine;
using System.Globalization;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>The options that say which agents are meant and in which order; the node that is asked checks and obeys them.</summary>
internal sealed class TopOptions
{
    private readonly Option<string?> sort = new("--sort") { Description = $"By what, the largest first: {string.Join(", ", TopEndpoint.Orders)}.", HelpName = "ORDER" };
    private readonly Option<int?> limit = new("--limit") { Description = $"How many, as far as the node gives so many (max-top-agents); {TopEndpoint.DefaultLimit} if an order or names are said.", HelpName = "N" };
    private readonly Option<string?> names = new("--names") { Description = "Which: a pattern over their names, as 'monitors/*'; in quotes, so that the shell leaves it alone.", HelpName = "PATTERN" };

    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { sort, limit, names }) command.Options.Add(option);
        return command;
    }

    /// <summary>Where to ask for them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="order">The order where none is said; null to ask for all agents where nothing is said.</param>
    public string Path(ParseResult parsed, string? order = null)
    {
        (string Name, string? Value)[] said =
        [
            ("sort", parsed.GetValue(sort) ?? order), ("limit", parsed.GetValue(limit)?.ToString(CultureInfo.InvariantCulture)), ("names", parsed.GetValue(names)),
        ];
        var query = string.Join('&', said.Where(s => s.Value is not null).Select(s => $"{s.Name}={Uri.EscapeDataString(s.Value!)}"));
        return query.Length == 0 ? "/v1/agents" : $"/v1/agents?{query}";
    }
}
