using System.Globalization;
using AkkaWasm.Simulation;
using AkkaWasm.Simulation.Checkers;

var first = args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : 0;
var count = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 1;
for (var seed = first; seed < first + count; seed++) AllCheckers.CheckAll(new Simulator(seed).Run());
