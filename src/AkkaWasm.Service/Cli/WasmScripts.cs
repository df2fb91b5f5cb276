using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Wast.Running;

namespace AkkaWasm.Service.Cli;

/// <summary><c>wasm wast</c>: scripts of the official suite's format.</summary>
internal static class WasmScripts
{
    private const string Description = """
        Runs scripts in the format of WebAssembly's official test suite and shows what came of their assertions. A module that
        assert_malformed or assert_invalid names has to be refused, for whatever reason; a trap has to be the one whose words the script gives.
        """;

    public static Command Build(CliContext context, OutputOption output)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Scripts, and folders whose .wast files are run, at any depth.", Arity = ArgumentArity.OneOrMore };
        var roundTrip = new Option<bool>("--roundtrip")
        {
            Description = "After every action saves all state as bytes, throws the store away, restores a new one, and only then looks at the results.",
        };
        var composed = new Option<bool>("--composed") { Description = "Composes modules that are linked into one, too, and makes sure that every action comes to the same there." };
        var command = new Command("wast", Description) { paths, roundTrip, composed };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(roundTrip) && parsed.GetValue(composed)) throw new CliException(ExitCode.BadInput, "--roundtrip and --composed do not go together; run the scripts twice");
            var mode = parsed.GetValue(roundTrip) ? ScriptMode.RoundTrip : parsed.GetValue(composed) ? ScriptMode.Composed : ScriptMode.Plain;
            var reports = Run(parsed.GetRequiredValue(paths), mode);
            if (output.Of(parsed)) WriteJson(context, reports, mode);
            else WriteText(context, reports);
            return (int)(reports.Any(report => report.Failed > 0) ? ExitCode.Failed : ExitCode.Done);
        });
        return command;
    }

    private static IReadOnlyList<ScriptReport> Run(string[] paths, ScriptMode mode)
    {
        try
        {
            var files = SuiteRun.FilesOf(paths);
            if (files.Count == 0) throw new CliException(ExitCode.BadInput, $"there are no .wast files in {string.Join(" and ", paths)}; name a folder that holds some");
            return SuiteRun.Run(files, mode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, e.Message, e);
        }
    }

    private static void WriteText(CliContext context, IReadOnlyList<ScriptReport> reports)
    {
        TextTable.Write(context, ["script", "passed", "failed", "skipped"], reports.Select(r => new[] { r.File, $"{r.Passed}", $"{r.Failed}", $"{r.Skipped}" }));
        foreach (var failure in reports.Select(r => r.FirstFailure).OfType<ScriptFailure>()) context.Out.WriteLine(failure);
        foreach (var (file, reason) in reports.SelectMany(r => r.SkipReasons.Select(reason => (r.File, reason)))) context.Out.WriteLine($"{file}: skipped because {reason}");
        context.Out.WriteLine($"{reports.Count} files, {reports.Sum(r => r.Passed)} passed, {reports.Sum(r => r.Failed)} failed, {reports.Sum(r => r.Skipped)} skipped");
    }

    private static void WriteJson(CliContext context, IReadOnlyList<ScriptReport> reports, ScriptMode mode) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("files", reports.Count);
        json.WriteNumber("passed", reports.Sum(r => r.Passed));
        json.WriteNumber("failed", reports.Sum(r => r.Failed));
        json.WriteNumber("skipped", reports.Sum(r => r.Skipped));
        json.WriteNumber("failed_files", reports.Count(r => r.Failed > 0));
        json.WriteBoolean("roundtrip", mode == ScriptMode.RoundTrip);
        if (mode == ScriptMode.Composed) json.WriteNumber("compared", reports.Sum(r => r.Compared));
        json.WriteList("results", reports, report => WriteJson(json, report));
        json.WriteEndObject();
    });

    private static void WriteJson(Utf8JsonWriter json, ScriptReport report)
    {
        json.WriteStartObject();
        json.WriteString("file", report.File);
        json.WriteNumber("passed", report.Passed);
        json.WriteNumber("failed", report.Failed);
        json.WriteNumber("skipped", report.Skipped);
        if (report.FirstFailure is { } failure)
        {
            json.WriteStartObject("first_failure");
            json.WriteNumber("line", failure.Place.Line);
            json.WriteNumber("column", failure.Place.Column);
            json.WriteString("expected", failure.Expected);
            json.WriteString("got", failure.Got);
            json.WriteEndObject();
        }
        if (report.SkipReasons.Count > 0) json.WriteList("skip_reasons", report.SkipReasons, json.WriteStringValue);
        json.WriteEndObject();
    }
}
