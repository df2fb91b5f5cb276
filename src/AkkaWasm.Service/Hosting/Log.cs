namespace AkkaWasm.Service.Hosting;

/// <summary>All that the service logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Mesh {Mesh} serves on {Url}, data in {Folder}, process {Pid}")]
    public static partial void Serving(this ILogger log, string mesh, string url, string folder, int pid);

    [LoggerMessage(2, LogLevel.Information, "{Signal} came; the node drains")]
    public static partial void Draining(this ILogger log, string signal);

    [LoggerMessage(3, LogLevel.Information, "All is drained and committed")]
    public static partial void Drained(this ILogger log);

    [LoggerMessage(4, LogLevel.Information, "Everything is read and nothing is pending")]
    public static partial void Idle(this ILogger log);

    [LoggerMessage(5, LogLevel.Warning, "The file {File} cannot be written, so verbs need --url to find this node: {Reason}")]
    public static partial void NoNodeFile(this ILogger log, string file, string reason);

    [LoggerMessage(7, LogLevel.Error, "The HTTP interface at {Url} does not answer any more and is begun again")]
    public static partial void HttpIsSilent(this ILogger log, string url);

    [LoggerMessage(8, LogLevel.Error, "The HTTP interface at {Url} could not be looked after; it is tried again")]
    public static partial void HttpLookFailed(this ILogger log, string url, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "The node cannot go on")]
    public static partial void Failed(this ILogger log, Exception exception);
}
