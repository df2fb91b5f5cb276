using AkkaWasm.Service.Cli;

return await CommandLine.RunAsync(args, CliContext.OfProcess());
