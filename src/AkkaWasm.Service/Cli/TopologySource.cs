using System.Text;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Cli;

/// <summary>Reads the topology that a verb is given: a configuration file, or <c>-</c> for standard input.</summary>
internal static class TopologySource
{
    private const string Input = "-";

    /// <summary>The configuration with its modules and folders.</summary>
    /// <exception cref="CliException">There is no such file.</exception>
    public static ServiceConfiguration Read(CliContext context, string file)
    {
        if (file != Input && !File.Exists(file)) throw new CliException(ExitCode.BadInput, $"there is no file '{file}'; name a configuration file, or - for standard input");
        return ModuleLoader.Load(ConfigurationReader.ReadTopology(file == Input ? ConfigurationTree.OfText(ReadInput(context), "standard input") : ConfigurationTree.Load(file, [])));
    }

    private static string ReadInput(CliContext context)
    {
        using var reader = new StreamReader(context.OpenIn(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
