using AkkaWasm.Actors;

namespace AkkaWasm.Service.Http;

/// <summary><c>/v1/modules/HASH</c> and <c>/v1/folders/HASH</c>: what agents are made of, by the SHA-256 of its bytes. HEAD says whether it is there, PUT keeps it.</summary>
internal static class ArtefactEndpoints
{
    /// <summary>A module.</summary>
    public static Task ModuleAsync(HttpContext http, IMeshNode node) => HandleAsync(http, "module", node.ModuleRegistry.Options.MaxBytes, node.HasModule, node.KeepModule);

    /// <summary>The packed content of a folder.</summary>
    public static Task FolderAsync(HttpContext http, IMeshNode node) => HandleAsync(http, "folder", node.ModuleRegistry.Options.MaxBytes, node.HasFolder, node.KeepFolder);

    private static async Task HandleAsync(HttpContext http, string what, long maxBytes, Func<string, bool> has, Func<ReadOnlyMemory<byte>, string> keep)
    {
        var hash = (string)http.Request.RouteValues["hash"]!;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.StatusCode = has(hash) ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
            return;
        }
        var bytes = await ModuleEndpoints.BodyAsync(http, maxBytes);
        var actual = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        if (actual != hash) await new Problem(StatusCodes.Status400BadRequest, $"The bytes have SHA-256 {actual}, not {hash} as the address of the {what} says.").WriteAsync(http);
        else
        {
            keep(bytes);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }
}
