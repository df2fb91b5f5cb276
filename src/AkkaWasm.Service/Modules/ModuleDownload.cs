using System.Net;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Modules;

/// <summary>Fetches a module from an address: http or https and nothing else, so many redirects, so long, so many bytes; never from https on to http.</summary>
internal sealed class ModuleDownload : IDisposable
{
    private static readonly HttpStatusCode[] Redirects =
        [HttpStatusCode.MovedPermanently, HttpStatusCode.Found, HttpStatusCode.SeeOther, HttpStatusCode.TemporaryRedirect, HttpStatusCode.PermanentRedirect];

    private readonly FetchOptions options;
    private readonly long maxBytes;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="options">Time and redirects.</param>
    /// <param name="maxBytes">Largest module, bytes.</param>
    public ModuleDownload(FetchOptions options, long maxBytes) => (this.options, this.maxBytes) = (options, maxBytes);

    public void Dispose() => client.Dispose();

    /// <summary>Fetches it.</summary>
    /// <exception cref="CliException">It cannot be had, or is past a limit.</exception>
    public async Task<FetchedModule> FetchAsync(string address, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Timeout);
        try
        {
            return new FetchedModule(await FollowAsync(address, limit.Token), address);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException(ExitCode.Failed, $"the module at {address} did not come within {options.Timeout.TotalSeconds} s (modules.fetch.timeout); try again, or raise the limit");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CliException(ExitCode.Failed, $"the module at {address} cannot be fetched: {e.Message.TrimEnd('.')}; check the address", e);
        }
    }

    private async Task<byte[]> FollowAsync(string address, CancellationToken cancellation)
    {
        var at = Checked(address, null);
        for (var redirects = 0; ; redirects++)
        {
            using var response = await client.GetAsync(at, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (Redirects.Contains(response.StatusCode) && response.Headers.Location is { } next)
            {
                if (redirects == options.MaxRedirects)
                    throw new CliException(ExitCode.Failed, $"the module at {address} is redirected more than {options.MaxRedirects} times (modules.fetch.max-redirects); name the address that it ends at");
                at = Checked(new Uri(at, next).ToString(), at);
                continue;
            }
            if (!response.IsSuccessStatusCode) throw new CliException(ExitCode.Failed, $"the module at {address} cannot be fetched: {at} answers {(int)response.StatusCode} {response.ReasonPhrase}; check the address");
            return await ReadAsync(response.Content, address, cancellation);
        }
    }

    private async Task<byte[]> ReadAsync(HttpContent content, string address, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > maxBytes) throw TooLarge(address);
        await using var from = await content.ReadAsStreamAsync(cancellation);
        using var bytes = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            if (bytes.Length + count > maxBytes) throw TooLarge(address);
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }

    private CliException TooLarge(string address) => new(ExitCode.Failed, $"the module at {address} has more than {maxBytes} bytes (modules.max-bytes); strip it or raise the limit");

    private static Uri Checked(string address, Uri? from)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new CliException(ExitCode.BadInput, $"modules are fetched over http and https only, and not from '{address}'; download it and push the file");
        if (from is { Scheme: "https" } && uri.Scheme == "http")
            throw new CliException(ExitCode.Failed, $"{from} leads on to {address}, from https to http; name an address that does not");
        return uri;
    }
}
