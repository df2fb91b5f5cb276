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

    /// <summary>Wrong: the library makes an instance, the binding does not.</summary>
    BindingFails,

    /// <summary>Wrong: a state saved, restored and saved again is another.</summary>
    SnapshotDiffers,

    /// <summary>Run: every call of the woven module gave what the original gave.</summary>
    SameResults,

    /// <summary>Wrong: a call of the woven module gave something else.</summary>
    OtherResults,
}

/// <summary>Sends modules through the whole way that a guest takes and judges what came of it.</summary>
internal sealed partial class Gauntlet(PlainEngine engine, WasmEngine binding, Action<string> beforeStep)
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
        var failure = Instantiate(woven.Bytes.Span, "woven", woven.ApplyExport);
        if (description.StartFunction is null && Unnumbered(Instantiate(wasm, "original", null)) is var original && original != Unnumbered(failure))
            return (Outcome.WeavingSpoils, $"woven: {failure}; original: {original}");
        if (failure is not null) return (Outcome.NotInstantiated, failure);
        return HostStubs.Serve(description) ? ThroughBinding(wasm, description) : (Outcome.Instantiated, "not through the binding: it imports more than plain functions");
    }

    private (Outcome, string) ThroughBinding(byte[] wasm, ModuleDescription description)
    {
        try
        {
            beforeStep("load");
            using var module = binding.Load(wasm, description.File);
            var stubs = HostStubs.For(description);
            beforeStep("create");
            using var instance = WasmInstance.Create(module, stubs, HostStubs.Limits);
            beforeStep("capture");
            var snapshot = instance.Capture();
            using var other = WasmInstance.Create(module, stubs, HostStubs.Limits);
            beforeStep("restore");
            other.Restore(snapshot);
            return other.ComputeHash() == snapshot.ComputeHash() ? (Outcome.Instantiated, "") : (Outcome.SnapshotDiffers, "");
        }
        catch (Exception exception)
        {
            return (Outcome.BindingFails, exception.ToString());
        }
    }

    /// <summary>Why no instance can be made, in a line, or null; a woven module may apply its active segments by a call of its own.</summary>
    private string? Instantiate(ReadOnlySpan<byte> wasm, string which, string? applyExport)
    {
        beforeStep($"compile {which}");
        using var module = engine.Compile(wasm, out var failure);
        if (module is null) return $"compile: {failure}";
        beforeStep($"instantiate {which}");
        using var instance = module.Instantiate(out failure);
        if (instance is not null && applyExport is not null) failure = instance.Call(applyExport, []) is { } said ? $"instantiate: {said}" : null;
        return failure?.Split('\n')[^1].Trim();
    }

    /// <summary>Messages name types by numbers that count up over the engine's life.</summary>
    private static string? Unnumbered(string? failure) => failure is null ? null : Digits().Replace(failure, "#");

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
