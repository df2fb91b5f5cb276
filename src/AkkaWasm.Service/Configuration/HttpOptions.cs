using System.Net;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>How the HTTP interface listens and what it takes.</summary>
internal sealed record HttpOptions
{
    private const int MinTokenLength = 16;
    private const int MinRequestBytes = 1 << 10;

    public required IPAddress Address { get; init; }

    /// <summary>0 for any port that is free.</summary>
    public required int Port { get; init; }

    /// <summary>What callers of <c>/v1</c> and <c>/metrics</c> must send; null for nothing.</summary>
    public string? Token { get; init; }

    public long MaxRequestBytes { get; init; } = 32 << 20;

    public int MaxStreams { get; init; } = 1_000;

    /// <summary>How many replays may run at a time for those who look at the past.</summary>
    public int MaxReplays { get; init; } = 2;

    /// <summary>How many turns one answer may list.</summary>
    public int MaxReplaySteps { get; init; } = 200;

    public TimeSpan StreamHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="HoconException">A value is not possible, or the address needs a token.</exception>
    public static HttpOptions Read(HoconCursor section)
    {
        var host = section.At("host");
        var address = ReadAddress(host);
        var token = section.Find("token");
        if (token is null && !IPAddress.IsLoopback(address))
            throw SettingBounds.Refused(host, $"is {host.AsString()}, which other machines can reach, and there is no 'akka-wasm.http.token'", "set a token, or listen on 127.0.0.1");
        if (token?.AsString().Length < MinTokenLength || token?.AsString().All(c => c is > ' ' and < '\x7f') == false)
            throw SettingBounds.Refused(token, $"must have {MinTokenLength} or more characters, all of them printable ASCII without blanks", "write a longer secret, as from openssl rand -hex 32");
        return new HttpOptions
        {
            Address = address,
            Port = section.At("port").AsInt(0, ushort.MaxValue),
            Token = token?.AsString(),
            MaxRequestBytes = section.At("max-request-bytes").SmallSize(MinRequestBytes),
            MaxStreams = section.At("max-streams").Count(0),
            MaxReplays = section.At("max-replays").Count(0),
            MaxReplaySteps = section.At("max-replay-steps").Count(1),
            StreamHeartbeat = section.At("stream-heartbeat").Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            RetryAfter = section.At("retry-after").Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
        };
    }

    private static IPAddress ReadAddress(HoconCursor host)
    {
        var text = host.AsString();
        if (text == "localhost") return IPAddress.Loopback;
        return IPAddress.TryParse(text, out var address)
            ? address
            : throw SettingBounds.Refused(host, $"must be an IP address or localhost but is '{text}'", "write 127.0.0.1, or 0.0.0.0 for all addresses of this machine");
    }
}
