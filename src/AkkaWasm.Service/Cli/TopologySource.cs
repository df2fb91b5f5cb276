using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Cli;

/// <summary>Reads the topology that a verb is given: a configuration file, or <c>-</c> for standard input.</summary>
internal static class TopologySource
{
    private const string Input = "-";

    /// <summary>The configuration with its modules and folders.</summary>
    /// <param name="context">What the verb has around it.</param>
    /// <param name="file">The file, or <c>-</c>.</param>
    /// <param name="names">What names of modules mean.</param>
    /// <exception cref="CliException">There is no such file.</exception>
    public static ServiceConfiguration Read(CliContext context, string file, ModuleNamesInUse names) => ModuleLoader.Load(Read(context, file), names);

    /// <summary>The same with names as a node knows them.</summary>
    /// <exception cref="CliException">There is no such file, or no node answers.</exception>
    public static async Task<ServiceConfiguration> ReadAsync(CliContext context, string file, NodeClient node, CancellationToken cancellation)
    {
        var configuration = Read(context, file);
        var found = new Dictionary<string, ResolvedModule?>(StringComparer.Ordinal);
        var contents = new Dictionary<string, ReadOnlyMemory<byte>?>(StringComparer.Ordinal);
        foreach (var (reference, isPart) in ModuleNamesInUse.In(configuration).Distinct())
        {
            var resolved = found[reference.Text] = await node.ResolveAsync(reference, cancellation);
            if (isPart && resolved is not null) contents[resolved.Hash] = await node.ContentAsync(reference, cancellation);
        }
        return ModuleLoader.Load(configuration, new ModuleNamesInUse("the store of the node", reference => found[reference.Text], hash => contents.GetValueOrDefault(hash)));
    }

    private static ServiceConfiguration Read(CliContext context, string file)
    {
        if (file != Input && !File.Exists(file)) throw new CliException(ExitCode.BadInput, $"there is no file '{file}'; name a configuration file, or - for standard input");
        return ConfigurationReader.ReadTopology(file == Input ? ConfigurationTree.OfText(ReadInput(context), "standard input") : ConfigurationTree.Load(file, []));
    }

    private static string ReadInput(CliContext context)
    {
        using var reader = new StreamReader(context.OpenIn(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
