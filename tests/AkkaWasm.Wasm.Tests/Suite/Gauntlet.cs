using System.Text.RegularExpressions;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Weaving;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>How a module came through inspect, weave, compile and instantiate.</summary>
internal enum Outcome
{
    /// <summary>An instance was made.</summary>
    Instantiated,

    /// <summary>Compiled; the library could not make an instance (an import it has no default for, a limit, a segment out of bounds).</summary>
    NotInstantiated,

    /// <summary>Refused, and the library rejects it as well.</summary>
    Refused,

    /// <summary>The library's text parser rejects it.</summary>
    NoText,

    /// <summary>Inspected and woven; the library rejects it as it rejects the original.</summary>
    RejectedByLibrary,

    /// <summary>Wrong: refused, though the library accepts it.</summary>
    RefusedThoughValid,

    /// <summary>Wrong: the original is invalid, the woven module is not.</summary>
    WeavingHides,

    /// <summary>Wrong: the original is valid, the woven module is not, or it does not instantiate as the original does.</summary>
    WeavingSpoils,

    /// <summary>Wrong: the woven module read again is not the original.</summary>
    WeavingChanges,

    /// <summary>Wrong: an exception that is no refusal.</summary>
    Broken,
}

/// <summary>Sends modules through the whole way that a guest takes and judges what came of it.</summary>
internal sealed partial class Gauntlet(PlainEngine engine, Action<string> beforeStep)
{
    public (Outcome Outcome, string Detail) Run(ScriptModule module)
    {
        try
        {
            return Through(module);
        }
        catch (Exception exception)
        {
            return (Outcome.Broken, exception.ToString());
        }
    }

    private (Outcome, string) Through(ScriptModule module)
    {
        var wasm = module.Source;
        if (module.Form != ModuleForm.Binary)
        {
            beforeStep("text");
            try
            {
                wasm = WatText.ToBinary(module.Source, module.Name);
            }
            catch (ModuleRefusedException refusal)
            {
                return (Outcome.NoText, refusal.Reason);
            }
        }
        beforeStep("validate");
        var rejection = engine.Reject(wasm);
        beforeStep("inspect");
        ModuleDescription description;
        WovenModule woven;
        try
        {
            description = ModuleReader.Read(wasm, module.Name, ModuleLimits.Default);
            beforeStep("weave");
            woven = ModuleWeaver.Weave(wasm, description);
        }
        catch (ModuleRefusedException refusal)
        {
            return rejection is null ? (Outcome.RefusedThoughValid, refusal.Reason) : (Outcome.Refused, refusal.Reason);
        }
        beforeStep("validate woven");
        var wovenRejection = engine.Reject(woven.Bytes.Span);
        if (rejection is not null)
            return wovenRejection is null ? (Outcome.WeavingHides, rejection) : (Outcome.RejectedByLibrary, rejection);
        if (wovenRejection is not null) return (Outcome.WeavingSpoils, wovenRejection);
        if (WovenDescription.Difference(description, woven) is { } difference) return (Outcome.WeavingChanges, difference);
        return Instantiate(wasm, description, woven);
    }

    private (Outcome, string) Instantiate(byte[] wasm, ModuleDescription description, WovenModule woven)
    {
        beforeStep("instantiate woven");
        using var instance = engine.Instantiate(woven.Bytes.Span, out var failure);
        if (description.StartFunction is not null) return instance is null ? (Outcome.NotInstantiated, failure!) : (Outcome.Instantiated, "");
        beforeStep("instantiate");
        using var original = engine.Instantiate(wasm, out var originalFailure);
        if (Unnumbered(failure) != Unnumbered(originalFailure)) return (Outcome.WeavingSpoils, $"woven: {failure}; original: {originalFailure}");
        return instance is null ? (Outcome.NotInstantiated, failure!) : (Outcome.Instantiated, "");
    }

    /// <summary>Messages name types by numbers that count up over the engine's life.</summary>
    private static string? Unnumbered(string? failure) => failure is null ? null : Digits().Replace(failure, "#");

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
