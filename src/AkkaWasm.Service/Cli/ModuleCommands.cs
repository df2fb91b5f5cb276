using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>module</c>: what agents are made of, by content, name and version. On the node that serves the data folder or is named by <c>--url</c>; where no node runs, in the
/// data folder itself.
/// </summary>
internal static class ModuleCommands
{
    private const string OfReference = "NAME@VERSION, NAME@RANGE as histogram@^1.2, NAME for its newest version, or the SHA-256";

    public static Command Build(CliContext context, OutputOption output) => new("module", "Pushes, lists, verifies and collects what agents are made of, on a running node or in a data folder.")
    {
        ModulePushCommand.Build(context, output),
        ModuleComposeCommand.Build(context, output),
        BuildList(context, output),
        BuildShow(context, output),
        BuildInspect(context, output),
        BuildVerify(context, output),
        BuildGc(context, output),
        ModuleSignCommand.Build(context, output),
    };

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var log = new Option<bool>("--log") { Description = "Counts the topologies of the log that use each, too; the log is gone through for that." };
        var command = node.AddTo(new Command("list", "Lists what is kept: names, versions, hashes, sizes, who signed it and which agents use it.") { log });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var store = ModuleAccess.Open(node, parsed, context);
            using var list = await store.ListAsync(parsed.GetValue(log), cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, list.RootElement.WriteTo);
            else ModuleText.WriteList(context, list.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var reference = Reference();
        var command = node.AddTo(new Command("show", "Shows all that is known of one: names, when each was pushed and from where, signatures, of what it is composed, agents and topologies of the log that use it.") { reference });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var store = ModuleAccess.Open(node, parsed, context);
            using var module = await store.FindAsync(Read(parsed.GetRequiredValue(reference)), cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, module.RootElement.WriteTo);
            else ModuleText.WriteOne(context, module.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildInspect(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var what = new Argument<string>("MODULE") { Description = $"A file, or {OfReference}." };
        var command = node.AddTo(new Command("inspect", "Shows sections, imports, exports and features of a module that is kept, or of a file.") { what });
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetRequiredValue(what);
            var bytes = File.Exists(name) ? WasmCommands.Read(name) : await ContentAsync(node, parsed, context, Read(name), cancellation);
            WasmCommands.Inspect(context, bytes, name, output.Of(parsed));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildVerify(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var only = new Argument<string?>("MODULE") { Description = $"What alone is read: {OfReference}; otherwise everything.", Arity = ArgumentArity.ZeroOrOne };
        var command = node.AddTo(new Command("verify", "Reads what is kept and compares it with its hash, its signatures and those who need it. Ends with exit code 1 if something is wrong.") { only });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var store = ModuleAccess.Open(node, parsed, context);
            using var verification = await store.VerifyAsync(parsed.GetValue(only) is { } text ? Read(text) : null, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, verification.RootElement.WriteTo);
            else ModuleText.WriteVerification(context, verification.RootElement);
            return (int)(verification.RootElement.GetProperty("findings").GetArrayLength() == 0 ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static Command BuildGc(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what would go." };
        var named = new Option<bool>("--named") { Description = "Takes named content too that no topology uses; its versions are remembered and never name other content. Otherwise only content without a name goes." };
        var olderThan = new Option<string?>("--older-than") { Description = "Only what came, or was asked for last, longer ago than this, as '7 days'; modules.gc-grace counts in any case.", HelpName = "DURATION" };
        var command = node.AddTo(new Command("gc", "Deletes content that no topology of the retained log uses and nothing names.") { dryRun, named, olderThan });
        command.SetAction(async (parsed, cancellation) =>
        {
            TimeSpan? age = null;
            if (parsed.GetValue(olderThan) is { } text)
                age = HoconUnits.TryParseDuration(text, out var span) ? span : throw new CliException(ExitCode.BadInput, $"--older-than must be a duration but is '{text}'; write one as '7 days'");
            var collect = new CollectOptions { DryRun = parsed.GetValue(dryRun), Named = parsed.GetValue(named), OlderThan = age };
            using var store = ModuleAccess.Open(node, parsed, context, toWrite: !collect.DryRun);
            using var collection = await store.CollectAsync(collect, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, collection.RootElement.WriteTo);
            else ModuleText.WriteCollection(context, collection.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static async Task<byte[]> ContentAsync(NodeOptions node, ParseResult parsed, CliContext context, ModuleReference reference, CancellationToken cancellation)
    {
        using var store = ModuleAccess.Open(node, parsed, context);
        return await store.ContentAsync(reference, cancellation);
    }

    private static Argument<string> Reference() => new("MODULE") { Description = $"{char.ToUpperInvariant(OfReference[0])}{OfReference[1..]}." };

    /// <summary>What a user means by a text.</summary>
    private static ModuleReference Read(string text) =>
        ModuleReference.TryParse(text, out var reference, out var problem) ? reference : throw new CliException(ExitCode.BadInput, ErrorReport.AsClause(problem));
}
