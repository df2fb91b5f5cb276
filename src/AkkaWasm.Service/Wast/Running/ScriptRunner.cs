using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>Runs one script, command by command, and counts.</summary>
internal sealed class ScriptRunner(ScriptEngine engine, ScriptMode mode)
{
    /// <summary>Runs a script.</summary>
    /// <param name="script">Its bytes.</param>
    /// <param name="file">Its name, for messages.</param>
    public ScriptReport Run(byte[] script, string file)
    {
        IReadOnlyList<Command> commands;
        try
        {
            commands = ScriptReader.Read(new ScriptText(script, file));
        }
        catch (ScriptException error)
        {
            return ScriptReport.Unreadable(file, error);
        }
        using var world = new ScriptWorld(engine, mode);
        return Run(commands, new CommandRunner(world), file) with { Compared = world.Compared };
    }

    private static ScriptReport Run(IReadOnlyList<Command> commands, CommandRunner runner, string file)
    {
        var (passed, failed, skipped) = (0, 0, 0);
        ScriptFailure? first = null;
        var reasons = new List<string>();
        foreach (var command in commands)
        {
            switch (Judge(command, runner))
            {
                case Verdict.Pass when command is Assertion:
                    passed++;
                    break;
                case Verdict.Skip skip:
                    skipped++;
                    if (!reasons.Contains(skip.Reason)) reasons.Add(skip.Reason);
                    break;
                case Verdict.Failure failure:
                    failed++;
                    first ??= new ScriptFailure(command.Place, failure.Expected, failure.Got);
                    break;
            }
        }
        return new ScriptReport(file, passed, failed, skipped, first, reasons);
    }

    /// <summary>Whatever a command throws is a failure of that command; the script goes on.</summary>
    private static Verdict Judge(Command command, CommandRunner runner)
    {
        Verdict verdict;
        try
        {
            verdict = runner.Run(command);
        }
        catch (Exception e)
        {
            verdict = Verdict.Failed(command is Assertion ? "an answer" : "success", $"{e.GetType().Name}: {e.Message}");
        }
        return verdict is Verdict.Failure && KnownDeviations.ReasonAt(command.Place) is { } reason ? new Verdict.Skip(reason) : verdict;
    }
}
