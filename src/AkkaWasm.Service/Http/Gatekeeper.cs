using System.Net;
using System.Security.Cryptography;
using System.Text;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Http;

/// <summary>
/// Who may call <c>/v1</c> and <c>/metrics</c>: with a token configured, who sends it; without one, who names this machine as such, so that no
/// page of another site in a browser here can call the node under a name of its own.
/// </summary>
internal sealed class Gatekeeper(HttpOptions options)
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? digest = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    /// <summary>Says why a request is refused, or null.</summary>
    public Problem? Check(HttpContext http)
    {
        if (!IsGuarded(http.Request.Path)) return null;
        if (digest is null)
        {
            return IsThisMachine(http.Request.Host.Host)
                ? null
                : new Problem(StatusCodes.Status403Forbidden, $"The node is called '{http.Request.Host.Host}', but without a token it answers to localhost only; set akka-wasm.http.token.");
        }
        var header = http.Request.Headers.Authorization.ToString();
        var sent = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
        if (sent is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), digest)) return null;
        return new Problem(StatusCodes.Status401Unauthorized, sent is null
            ? "A token is required; send it as Authorization: Bearer …."
            : "The token is not the one of this node (akka-wasm.http.token).");
    }

    private static bool IsGuarded(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/metrics");

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
