using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Knows one promise of the mesh, and judges a history by its records and by what was seen from outside, not by how the shard keeps it.</summary>
internal abstract class Checker
{
    /// <summary>All of them.</summary>
    public static readonly Checker[] All =
    [
        new AcknowledgementChecker(), new VisibilityChecker(), new IdentityChecker(), new IdempotencyChecker(), new SourceChecker(), new DeliveryChecker(), new EffectChecker(),
        new StateChecker(), new DeadLetterChecker(), new BudgetChecker(), new GroupChecker(), new TimerChecker(), new LineageChecker(), new CircuitChecker(), new OperatorChecker(), new CrashChecker(), new TopologyChecker(), new RenameChecker(),
        new HealthChecker(), new PastChecker(), new VersionChecker(), new CanaryChecker(), new SpawnChecker(), new PoolChecker(), new RuleChecker(), new IntegrationChecker(), new RestChecker(), new RecoveryChecker(),
    ];

    /// <summary>What it judges, a sentence.</summary>
    public abstract string Promise { get; }

    /// <exception cref="SimulationException">The promise was broken.</exception>
    public abstract void Check(History history);

    public static void CheckAll(History history)
    {
        foreach (var checker in All)
        {
            try
            {
                checker.Check(history);
            }
            catch (Exception e) when (e is not SimulationException)
            {
                throw new SimulationException($"{checker.GetType().Name} could not judge: {e}", e);
            }
        }
    }

    protected void Require(bool holds, string otherwise)
    {
        if (!holds) throw new SimulationException($"{GetType().Name} ({Promise}): {otherwise}");
    }

    protected static string List(IEnumerable<long> offsets) => $"[{string.Join(", ", offsets)}]";

    protected static bool IsStart(MeshEvent e) => e.Origin == EventOrigin.Lifecycle && e.Topic.EndsWith(".started", StringComparison.Ordinal);
}

/// <summary>Something happened that must not.</summary>
internal sealed class SimulationException(string message, Exception? inner = null) : Exception(message, inner);
