using System.CommandLine;
using System.Security.Cryptography;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Cli;

/// <summary><c>module sign</c>.</summary>
internal static class ModuleSignCommand
{
    public static Command Build(CliContext context, OutputOption output)
    {
        var file = new Argument<string>("FILE") { Description = "The module, a .wasm or .wat file." };
        var key = new Option<string>("--key") { Description = "File with the private key, PEM without a password: ECDSA P-256 or RSA.", HelpName = "FILE", Required = true };
        var to = new Option<string?>("--signature") { Description = "Where to write the signature; otherwise FILE.sig. What is there is overwritten.", HelpName = "FILE" };
        var command = new Command("sign", "Signs a module: a detached signature over the SHA-256 of its bytes, which module push, serve and topology apply find beside it.") { file, key, to };
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(file);
            var (bytes, target) = (WasmCommands.Read(name), parsed.GetValue(to) ?? name + ModuleLoader.SignatureEnding);
            try
            {
                File.WriteAllText(target, ModuleSignature.Sign(bytes, File.ReadAllText(parsed.GetRequiredValue(key))) + "\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CliException(ExitCode.BadInput, $"the module '{name}' cannot be signed: {e.Message.TrimEnd('.')}; check the paths", e);
            }
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (!output.Of(parsed)) context.Out.WriteLine($"{target} signs {hash}");
            else
            {
                JsonText.WriteLine(context.Out, json =>
                {
                    json.WriteStartObject();
                    json.WriteString("sha256", hash);
                    json.WriteString("signature", target);
                    json.WriteEndObject();
                });
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
