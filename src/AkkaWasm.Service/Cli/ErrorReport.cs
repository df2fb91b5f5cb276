using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Cli;

/// <summary>Writes errors: one sentence each on the error stream, or with <c>--output json</c> one object each.</summary>
internal static class ErrorReport
{
    /// <summary>Writes what an exception says.</summary>
    /// <returns>The exit code that it leads to.</returns>
    public static ExitCode Write(CliContext context, bool json, Exception exception)
    {
        var code = ExitCodes.Of(exception);
        var sentences = exception switch
        {
            ConfigurationException configuration => configuration.Problems,
            _ when code == ExitCode.Internal => [$"this is a fault of akkawasm: {exception}"],
            _ => [exception.Message],
        };
        foreach (var sentence in sentences) Write(context, json, code, sentence);
        return code;
    }

    public static void Write(CliContext context, bool json, ExitCode code, string sentence)
    {
        var text = AsClause(sentence);
        if (!json) context.Error.WriteLine($"error: {text}");
        else
        {
            JsonText.WriteLine(context.Error, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("title", ExitCodes.Table.First(row => row.Code == code).Meaning);
                writer.WriteString("detail", text);
                writer.WriteNumber("exit_code", (int)code);
                writer.WriteEndObject();
            });
        }
    }

    /// <summary>A sentence as it stands after <c>error: </c>.</summary>
    public static string AsClause(string sentence)
    {
        var clause = sentence.TrimEnd('.');
        return clause.Length > 1 && char.IsUpper(clause[0]) && !char.IsUpper(clause[1]) ? char.ToLowerInvariant(clause[0]) + clause[1..] : clause;
    }
}
