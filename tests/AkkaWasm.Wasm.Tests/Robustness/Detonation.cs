using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Sends a module the way of a guest alone, without the comparisons of the suite, which would compile it thrice.</summary>
internal sealed class Detonation(WasmEngine engine, Action<string> beforeStep)
{
    public (Outcome Outcome, string Detail) Run(ScriptModule bomb)
    {
        try
        {
            beforeStep("load");
            using var module = engine.Load(bomb.Source, bomb.Name);
            beforeStep("create");
            using var instance = WasmInstance.Create(module, HostStubs.For(module.Description), HostStubs.Limits);
            beforeStep("capture");
            return (Outcome.Instantiated, instance.Capture().ComputeHash().ToString());
        }
        catch (ModuleRefusedException refused)
        {
            return (Outcome.Refused, refused.Reason);
        }
        catch (Exception exception)
        {
            return (Outcome.Broken, exception.ToString());
        }
    }
}
