using System.Net;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Modules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>Modules that come over HTTP.</summary>
public sealed class ModuleDownloadTests : IAsyncLifetime
{
    private static readonly byte[] Module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    private WebApplication app = null!;

    private Uri Url { get; set; } = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path == "/module") await http.Response.Body.WriteAsync(Module);
        else if (path.StartsWith("/again/", StringComparison.Ordinal))
        {
            var left = int.Parse(path["/again/".Length..], System.Globalization.CultureInfo.InvariantCulture);
            http.Response.Redirect(left == 0 ? "/module" : $"/again/{left - 1}");
        }
        else if (path == "/file") http.Response.Redirect("file:///etc/passwd");
        else if (path == "/endless") await http.Response.Body.WriteAsync(new byte[1_000_000]);
        else if (path == "/never") await Task.Delay(Timeout.Infinite, http.RequestAborted);
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task<FetchedModule> FetchAsync(string path, FetchOptions? options = null, long maxBytes = 100)
    {
        using var download = new ModuleDownload(options ?? new FetchOptions(), maxBytes);
        return await download.FetchAsync(path.Contains("://", StringComparison.Ordinal) ? path : new Uri(Url, path).ToString(), CancellationToken.None);
    }

    private async Task<string> RefusalAsync(string path, FetchOptions? options = null) => (await Assert.ThrowsAsync<CliException>(() => FetchAsync(path, options))).Message;

    [Fact]
    public async Task A_module_is_fetched_over_so_many_redirects()
    {
        Assert.Equal(Module, (await FetchAsync("/module")).Bytes);
        Assert.Equal(Module, (await FetchAsync("/again/4")).Bytes);
        Assert.Contains("more than 5 times", await RefusalAsync("/again/5"), StringComparison.Ordinal);
        Assert.Contains("more than 0 times", await RefusalAsync("/again/0", new FetchOptions { MaxRedirects = 0 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_large_too_slow_missing_or_no_web_address_is_refused()
    {
        Assert.Contains("more than 100 bytes", await RefusalAsync("/endless"), StringComparison.Ordinal);
        Assert.Contains("modules.fetch.timeout", await RefusalAsync("/never", new FetchOptions { Timeout = TimeSpan.FromMilliseconds(20) }), StringComparison.Ordinal);
        Assert.Contains("404", await RefusalAsync("/nothing"), StringComparison.Ordinal);
        Assert.Contains("http and https only", await RefusalAsync("/file"), StringComparison.Ordinal);
        Assert.Contains("http and https only", await RefusalAsync("ftp://localhost/module"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_is_not_the_one_expected_is_refused()
    {
        var module = await FetchAsync("/module");
        Assert.Same(module, module.Expect(module.Hash.ToUpperInvariant()));
        Assert.Contains("--sha256", Assert.Throws<CliException>(() => module.Expect(new string('0', 64))).Message, StringComparison.Ordinal);
    }
}
