using System.Globalization;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Simulation;

namespace AkkaWasm.Actors.Tests.Simulation;

/// <summary>Real guests on the engine, under the faults of the simulation. AKKAWASM_SEED runs one seed, AKKAWASM_SEEDS so many.</summary>
public sealed class WasmSimulationTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly GuestEngine engine;

    public WasmSimulationTests()
    {
        var store = new ModuleStore(folder.Data);
        engine = new GuestEngine(new GuestEngineOptions(), null, store);
        store.Keep(new WasmWorld(new WasmGuestFactory(engine)).Topology(new Dice(0)), WasmWorld.Modules.ToDictionary(m => ModuleStore.HashOf(Repository.Guest(m)), m => new ModuleFile(Repository.Guest(m), m + ".wat")));
    }

    public void Dispose()
    {
        engine.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Real_guests_keep_the_promises_of_the_mesh_whatever_happens()
    {
        var options = new SimulationOptions { World = () => new WasmWorld(new WasmGuestFactory(engine)) };
        var (traps, turns) = (0, 0);
        foreach (var seed in Number("AKKAWASM_SEED") is { } one ? [one] : Enumerable.Range(0, Number("AKKAWASM_SEEDS") ?? 10))
        {
            var trial = Trial.Run(seed, options);
            Assert.True(trial.Failure is null, $"Seed {seed}, step {trial.Step}: {trial.Failure}\n  again: AKKAWASM_SEED={seed} dotnet test tests/AkkaWasm.Actors.Tests --filter {nameof(WasmSimulationTests)}");
            traps += trial.Ended!.Value.History.Seen.Injected.GetValueOrDefault(Fault.Trap);
            turns += trial.Ended.Value.History.Turns.Count();
        }
        if (Number("AKKAWASM_SEED") is null) Assert.True(traps > 50 && turns > 1_000, $"Too tame: {turns} turns, {traps} traps.");
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
