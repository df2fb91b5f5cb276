using System.Globalization;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <summary>One seed, run and judged.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Options">How it ran.</param>
/// <param name="Failure">What went wrong, or null.</param>
/// <param name="Step">At which step, or the number of steps if the checkers found it.</param>
internal sealed record Trial(long Seed, SimulationOptions Options, string? Failure, int Step)
{
    /// <summary>The run and its history, where it came to its end.</summary>
    public (Simulator Simulator, History History)? Ended { get; private init; }

    /// <summary>The command that does the same again.</summary>
    public string Command => string.Create(CultureInfo.InvariantCulture, $"scripts/simulate.sh {Seed}{Options.Arguments}");

    public static Trial Run(long seed, SimulationOptions? options = null)
    {
        options ??= new SimulationOptions();
        var simulator = new Simulator(seed, options);
        try
        {
            var history = simulator.Run();
            Checker.CheckAll(history);
            return new Trial(seed, options, null, simulator.StepNumber) { Ended = (simulator, history) };
        }
        catch (SimulationException e)
        {
            return new Trial(seed, options, e.Message, simulator.StepNumber);
        }
        catch (Exception e)
        {
            return new Trial(seed, options, e.ToString(), simulator.StepNumber);
        }
    }

    /// <summary>A trial with fewer faults and steps that fails too; itself if there is none.</summary>
    public Trial Shrink()
    {
        var smallest = this;
        foreach (var fault in Enum.GetValues<Fault>())
            if (fault is not Fault.None and not Fault.All && !smallest.Options.Without.HasFlag(fault)) Try(smallest.Options with { Without = smallest.Options.Without | fault });
        for (var less = smallest.Options.Steps / 2; less > 0; less /= 2)
            while (smallest.Options.Steps > less && Try(smallest.Options with { Steps = smallest.Options.Steps - less })) ;
        return smallest;

        bool Try(SimulationOptions with)
        {
            var trial = Run(Seed, with);
            if (trial.Failure is not null) smallest = trial;
            return trial.Failure is not null;
        }
    }

    public override string ToString() => Failure is null ? $"Seed {Seed}: every promise holds."
        : string.Create(CultureInfo.InvariantCulture, $"Seed {Seed}, step {Step}: {Failure}\n  again: {Command}");
}
