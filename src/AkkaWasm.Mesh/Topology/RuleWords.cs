using System.Globalization;

namespace AkkaWasm.Mesh.Topology;

/// <summary>The words for signals and verbs of rules, as configurations, events and texts have them, and values in the units that people read.</summary>
public static class RuleWords
{
    private static readonly string[] Signals = ["failure-rate", "lag", "age", "turn-time", "memory", "quarantine"];

    private static readonly string[] Verbs = ["alert", "rewind", "replace", "replicate", "shed", "restart", "pause"];

    /// <summary>All signals, in the order of their words.</summary>
    public static IReadOnlyList<RuleSignal> AllSignals { get; } = Enum.GetValues<RuleSignal>();

    /// <summary>All verbs.</summary>
    public static IReadOnlyList<RuleVerb> AllVerbs { get; } = Enum.GetValues<RuleVerb>();

    /// <summary>The word for a signal.</summary>
    public static string Of(RuleSignal signal) => Signals[(int)signal];

    /// <summary>The word for a verb.</summary>
    public static string Of(RuleVerb verb) => Verbs[(int)verb];

    /// <summary>A value of a signal with its unit.</summary>
    public static string Text(RuleSignal signal, double value) => signal switch
    {
        RuleSignal.FailureRate => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.#} %"),
        RuleSignal.Age or RuleSignal.TurnTime => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.######} s"),
        RuleSignal.Memory => string.Create(CultureInfo.InvariantCulture, $"{value:N0} bytes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
    };
}
