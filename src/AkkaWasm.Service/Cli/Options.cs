using System.CommandLine;

namespace AkkaWasm.Service.Cli;

/// <summary>Arguments and options that several verbs have. Each verb makes its own.</summary>
internal static class Options
{
    public static Argument<string> ConfigurationFile() => new("FILE") { Description = "The configuration, as mesh.conf (HOCON)." };

    public static Option<string[]> Settings() => new("--set")
    {
        Description = "Sets one key over the file, as --set akka-wasm.http.port=0. May be given several times.",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Option<string?> DataFolder(string description) => new("--data") { Description = description, HelpName = "DIR" };

    public static Option<string?> Configuration() => new("--config") { Description = "The configuration that the node serves; mesh.conf if it is there.", HelpName = "FILE" };
}
