namespace AkkaWasm.Simulation;

/// <summary>How a simulation runs.</summary>
internal sealed record SimulationOptions
{
    private const int DefaultSteps = 1_500;

    /// <summary>How many steps chaos lasts before everything comes to rest; 1,500.</summary>
    public int Steps { get; init; } = DefaultSteps;

    /// <summary>Classes of faults that are left out though the seed draws them.</summary>
    public Fault Without { get; init; }

    /// <summary>Classes of faults that every seed has, and that are injected as often as all others together.</summary>
    public Fault Focus { get; init; }

    /// <summary>What is done wrong on purpose.</summary>
    public Sabotage Sabotage { get; init; }

    /// <summary>Whether the topology changes while the mesh runs.</summary>
    public bool Changes { get; init; }

    /// <summary>Whether living agents get other modules while the mesh runs.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether there is a pool, which changes its size while the mesh runs.</summary>
    public bool Pools { get; init; }

    /// <summary>Whether there is an agent that changes the topology.</summary>
    public bool Integrates { get; init; }

    /// <summary>Whether the mesh heals itself by rules.</summary>
    public bool Rules { get; init; }

    /// <summary>Makes what is simulated; the mesh in C# if nothing else is said.</summary>
    public Func<ISimulatedWorld> World { get; init; } = () => new SimulatedMesh();

    /// <summary>How a command line says it.</summary>
    public string Arguments => string.Concat(
        Steps == DefaultSteps ? "" : $" --steps {Steps}",
        Without == Fault.None ? "" : $" --without {Names(Without)}",
        Focus == Fault.None ? "" : $" --focus {Names(Focus)}",
        Changes ? " --changes" : "",
        Replaces ? " --replaces" : "",
        Pools ? " --pools" : "",
        Integrates ? " --integrates" : "",
        Rules ? " --rules" : "",
        Sabotage == Sabotage.None ? "" : $" --sabotage {Sabotage}");

    private static string Names(Fault faults) => string.Join(',', Enum.GetValues<Fault>().Where(f => f is not Fault.None and not Fault.All && faults.HasFlag(f)));
}
