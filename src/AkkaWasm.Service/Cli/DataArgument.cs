using System.Text;

namespace AkkaWasm.Service.Cli;

/// <summary>Data on the command line: text, <c>@FILE</c> for a file, <c>-</c> for standard input.</summary>
internal static class DataArgument
{
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(string? data, CliContext context, CancellationToken cancellation)
    {
        if (data is null) return default;
        if (data is ['@', .. var file]) return ReadFile(file);
        if (data != "-") return Encoding.UTF8.GetBytes(data);
        using var bytes = new MemoryStream();
        await using var input = context.OpenIn();
        await input.CopyToAsync(bytes, cancellation);
        return bytes.ToArray();
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the data file '{file}' cannot be read: {e.Message}", e);
        }
    }
}
