using System.CommandLine;

namespace AkkaWasm.Service.Cli;

/// <summary>The option <c>--output</c>, which every verb has.</summary>
internal sealed class OutputOption
{
    private const string Name = "--output";
    private const string Text = "text";
    private const string Json = "json";

    public OutputOption()
    {
        Option = new Option<string>(Name)
        {
            Description = "How results and errors are written: text for people, json for machines.",
            Recursive = true,
            DefaultValueFactory = _ => Text,
            HelpName = "text|json",
        };
        Option.AcceptOnlyFromAmong(Text, Json);
    }

    public Option<string> Option { get; }

    /// <summary>Whether JSON is wanted.</summary>
    public bool Of(ParseResult parsed) => parsed.GetValue(Option) == Json;

    /// <summary>Whether JSON is wanted by a command line that cannot be understood as a whole.</summary>
    public bool Find(string[] args)
    {
        var at = Array.IndexOf(args, Name);
        return (at >= 0 && at + 1 < args.Length && args[at + 1] == Json) || args.Contains($"{Name}={Json}");
    }
}
