using System.Globalization;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Modules;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaWasm.Service.Http;

/// <summary><c>/v1/modules</c>: what is pushed, by hash or as <c>NAME@VERSION</c>; verified and collected.</summary>
internal static class ModuleEndpoints
{
    /// <summary>The header with signatures of what is pushed, base64, separated by commas.</summary>
    public const string SignatureHeader = "Module-Signature";

    /// <summary>Largest body with signatures, bytes.</summary>
    private const int MaxSignatureBytes = 64 << 10;

    /// <summary>All modules; with <c>?log=true</c> the topologies of the log that use each, with <c>?only=REFERENCE</c> one or none.</summary>
    public static Task ListAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var withLog = Flag(http, "log");
        if (http.Request.Query["only"].FirstOrDefault() is not { } only)
        {
            var all = await node.ModuleRegistry.ListAsync(withLog, http.RequestAborted);
            await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => ModuleJson.Write(json, all));
            return;
        }
        var reference = Read(only);
        var found = await node.ModuleRegistry.FindAsync(reference, withLog, http.RequestAborted);
        ModuleInfo[] oneOrNone = found is null ? [] : [found];
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => ModuleJson.Write(json, oneOrNone, NameOf(node, reference)));
    });

    /// <summary>One module, with all that is known of it.</summary>
    public static Task ShowAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var reference = Read((string)http.Request.RouteValues["hash"]!);
        if (await node.ModuleRegistry.FindAsync(reference, withLog: true, http.RequestAborted) is not { } found) await NoneAsync(http, reference);
        else await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => ModuleJson.Write(json, found, NameOf(node, reference)));
    });

    /// <summary>The bytes of a module.</summary>
    public static Task ContentAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var reference = Read((string)http.Request.RouteValues["hash"]!);
        if (node.ModuleRegistry.Resolve(reference) is not { } resolved || node.ModuleRegistry.Read(resolved.Hash) is not { } bytes)
        {
            await NoneAsync(http, reference);
            return;
        }
        http.Response.ContentType = "application/wasm";
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.ETag = $"\"{resolved.Hash}\"";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    });

    /// <summary>Keeps the module in the body, with <c>?name=…&amp;version=…</c> under that name.</summary>
    public static Task PushAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var query = http.Request.Query;
        var push = new ModulePush(await BodyAsync(http, node.ModuleRegistry.Options.MaxBytes), query["origin"].FirstOrDefault() ?? "the request's body")
        {
            Name = query["name"].FirstOrDefault(), Version = query["version"].FirstOrDefault(),
            Signatures = http.Request.Headers[SignatureHeader] is { Count: > 0 } signatures ? string.Join('\n', signatures.SelectMany(s => s!.Split(','))) : null,
        };
        var pushed = await node.ModuleRegistry.PushAsync(push, http.RequestAborted);
        if (pushed.Problem is { } problem)
        {
            await new Problem(pushed.Outcome == PushOutcome.Conflict ? StatusCodes.Status409Conflict : StatusCodes.Status422UnprocessableEntity, problem).WriteAsync(http);
            return;
        }
        var name = push.Name is null ? null : $"{push.Name}@{push.Version}";
        http.Response.Headers.Location = $"/v1/modules/{name ?? pushed.Hash}";
        await JsonResponse.WriteAsync(http, pushed.Outcome == PushOutcome.Pushed ? StatusCodes.Status201Created : StatusCodes.Status200OK, json => ModuleJson.Write(json, pushed, name));
    });

    /// <summary>Keeps the signatures in the body, base64, one a line, with a module that is there.</summary>
    public static Task SignAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var hash = (string)http.Request.RouteValues["hash"]!;
        if (!node.HasModule(hash)) await new Problem(StatusCodes.Status404NotFound, $"There is no module {hash}; push it first.").WriteAsync(http);
        else
        {
            node.ModuleRegistry.AddSignatures(hash, Encoding.UTF8.GetString(await BodyAsync(http, MaxSignatureBytes)));
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    });

    /// <summary>Reads what is kept, or with <c>?only=REFERENCE</c> one module, and says what is wrong.</summary>
    public static Task VerifyAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        var only = http.Request.Query["only"].FirstOrDefault() is { } text ? Read(text) : null;
        var verification = await node.ModuleRegistry.VerifyAsync(only, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => ModuleJson.Write(json, verification));
    });

    /// <summary>Deletes what nothing needs: <c>?dry_run=true&amp;named=true&amp;older_than=7 days</c>.</summary>
    public static Task CollectAsync(HttpContext http, IMeshNode node) => AnswerAsync(http, async () =>
    {
        TimeSpan? olderThan = null;
        if (http.Request.Query["older_than"].FirstOrDefault() is { } text)
            olderThan = HoconUnits.TryParseDuration(text, out var span) ? span : throw new BadHttpRequestException($"The parameter 'older_than' must be a duration but is '{text}'; write one as 7 days.");
        var options = new CollectOptions { DryRun = Flag(http, "dry_run"), Named = Flag(http, "named"), OlderThan = olderThan };
        var collection = await node.ModuleRegistry.CollectAsync(options, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => ModuleJson.Write(json, collection, options.DryRun));
    });

    /// <summary>The whole body, up to a limit of its own.</summary>
    public static async Task<byte[]> BodyAsync(HttpContext http, long maxBytes)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = maxBytes;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }

    private static string? NameOf(IMeshNode node, ModuleReference reference) => node.ModuleRegistry.Resolve(reference)?.Name;

    private static ModuleReference Read(string text) => ModuleReference.TryParse(text, out var reference, out var problem) ? reference : throw new BadHttpRequestException(problem);

    private static bool Flag(HttpContext http, string name) => http.Request.Query[name].FirstOrDefault() switch
    {
        null or "false" => false,
        "true" or "" => true,
        var other => throw new BadHttpRequestException(string.Create(CultureInfo.InvariantCulture, $"The parameter '{name}' must be true or false but is '{other}'.")),
    };

    private static Task NoneAsync(HttpContext http, ModuleReference reference) =>
        new Problem(StatusCodes.Status404NotFound, $"There is no module '{reference}'; GET /v1/modules lists what there is.").WriteAsync(http);

    /// <summary>What is wrong with what was sent is told apart from what is wrong here.</summary>
    private static async Task AnswerAsync(HttpContext http, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (MeshNodeException e) when (e.Failure == NodeFailure.ModuleRefused && !http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status422UnprocessableEntity, e.Message).WriteAsync(http);
        }
        catch (Exception e) when (e is LogCorruptException or MeshNodeException { Failure: NodeFailure.DataFolder or NodeFailure.LogCorrupt } && !http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status500InternalServerError, e.Message).WriteAsync(http);
        }
    }
}
