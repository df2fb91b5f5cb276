using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Service.Wast.Values;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>Runs commands and compares what comes with what the script says.</summary>
internal sealed class CommandRunner(ScriptWorld world)
{
    /// <summary>Runs one command. What it throws is a failure of the command that nothing here expects.</summary>
    public Verdict Run(Command command) => command switch
    {
        DefinitionCommand definition => Done(() => world.Define(definition.Module)),
        InstanceCommand instance => Done(() => world.MakeCurrent(instance.Instance)),
        RegisterCommand register => Done(() => world.Register(register.As, register.Instance)),
        ActionCommand action => Done(() => world.Perform(action.Action)),
        ReturnAssertion assertion => Returns(assertion),
        TrapAssertion assertion => Traps(assertion),
        ExceptionAssertion assertion => Fails("an exception that nobody catches", WasmFailureCode.UncaughtException, () => Show(world.Perform(assertion.Action))),
        RefusalAssertion assertion => IsRefused(assertion),
        UnlinkableAssertion assertion => IsUnlinkable(assertion),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command.GetType(), "No such command."),
    };

    private static Verdict Done(Action action)
    {
        action();
        return Verdict.Passed;
    }

    private Verdict Returns(ReturnAssertion assertion)
    {
        ActionResult[] results;
        try
        {
            results = world.Perform(assertion.Action);
        }
        catch (WasmTrapException trap)
        {
            return Verdict.Failed(Show(assertion.Results), Show(trap));
        }
        var patterns = assertion.Results;
        if (results.Length != patterns.Count) return Verdict.Failed(Show(patterns), Show(results));
        return results.Zip(patterns, (result, pattern) => pattern.Matches(result)).All(matches => matches)
            ? Verdict.Passed
            : Verdict.Failed(Show(patterns), string.Join(' ', results.Zip(patterns, (result, pattern) => pattern.Show(result))));
    }

    private Verdict Traps(TrapAssertion assertion)
    {
        if (TrapWords.Meaning(assertion.Message) is not { } code)
            return Verdict.Failed($"the trap \"{assertion.Message}\"", "words for a trap that are not known");
        if (assertion.Action is { } action) return Fails($"the trap \"{assertion.Message}\"", code, () => Show(world.Perform(action)));
        var module = world.ModuleOf(assertion.Instance!);
        return Fails($"the trap \"{assertion.Message}\"", code, () =>
        {
            world.Instantiate(module);
            return "an instance";
        });
    }

    private static Verdict Fails(string expected, WasmFailureCode code, Func<string> perform)
    {
        try
        {
            return Verdict.Failed(expected, perform());
        }
        catch (WasmTrapException trap)
        {
            return trap.Code == code ? Verdict.Passed : Verdict.Failed(expected, Show(trap));
        }
    }

    private Verdict IsRefused(RefusalAssertion assertion)
    {
        try
        {
            world.Load(assertion.Module).Dispose();
            return Verdict.Failed($"a refusal of the module (\"{assertion.Message}\")", "a module that is accepted");
        }
        catch (ModuleRefusedException)
        {
            return Verdict.Passed;
        }
    }

    private Verdict IsUnlinkable(UnlinkableAssertion assertion)
    {
        var module = world.ModuleOf(assertion.Instance);
        try
        {
            world.Instantiate(module);
            return Verdict.Failed($"a refusal of the imports (\"{assertion.Message}\")", "an instance");
        }
        catch (ModuleRefusedException)
        {
            return Verdict.Passed;
        }
    }

    private static string Show(IReadOnlyList<ResultPattern> patterns) => patterns.Count == 0 ? "no results" : string.Join(' ', patterns);

    private static string Show(ActionResult[] results) => results.Length == 0 ? "no results" : string.Join(' ', results);

    private static string Show(WasmTrapException trap) => $"{trap.Code}: {trap.Message}";
}
