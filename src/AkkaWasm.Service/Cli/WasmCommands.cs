using System.CommandLine;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Service.Cli;

/// <summary><c>wasm run</c>, <c>wasm inspect</c> and <c>wasm wast</c>: modules by themselves, without a mesh.</summary>
internal static class WasmCommands
{
    public static Command Build(CliContext context, OutputOption output) => new("wasm", "Runs, inspects and tests WebAssembly modules by themselves.")
    {
        BuildRun(context, output),
        BuildInspect(context, output),
        WasmScripts.Build(context, output),
    };

    private static Command BuildRun(CliContext context, OutputOption output)
    {
        var file = ModuleFile();
        var invoke = new Option<string?>("--invoke") { Description = "Calls this exported function instead of running the module as a WASI program.", HelpName = "NAME" };
        var arguments = new Argument<string[]>("ARGS")
        {
            Description = "The program's arguments; or those of the function, read by its signature: integers (also 0x…), numbers, v128 as 0x… (lane 0 lowest), null for "
                + "references. What begins with a dash stands behind --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var repeat = new Option<int?>("--repeat") { Description = "With --invoke: calls it N times in the same instance and adds the first, least and median time.", HelpName = "N" };
        var memory = new Option<string>("--max-memory") { Description = "Largest memory, as 5 GiB.", HelpName = "SIZE", DefaultValueFactory = _ => "256 MiB" };
        var wasi = new WasiOptions();
        var command = new Command("run", "Runs a WASI program with the streams of this process and ends with its exit code; or calls a function and prints its results, one a line.")
        {
            file, arguments, invoke, repeat, memory,
        };
        wasi.AddTo(command);
        command.SetAction(parsed =>
        {
            var (name, times) = (parsed.GetValue(invoke), parsed.GetValue(repeat));
            if (times is < 1 or > WasmRun.MaxRepeats)
                throw new CliException(ExitCode.BadInput, $"--repeat must be from 1 to {WasmRun.MaxRepeats} but is {times}; choose another number");
            if (times is not null && name is null) throw new CliException(ExitCode.BadInput, "--repeat calls a function again and again; name it with --invoke");
            if (!HoconUnits.TryParseSize(parsed.GetRequiredValue(memory), out var bytes))
                throw new CliException(ExitCode.BadInput, $"--max-memory must be a size but is '{parsed.GetValue(memory)}'; write one as 64 MiB");
            using var engine = new WasmEngine();
            using var module = engine.Load(Read(parsed.GetRequiredValue(file)), parsed.GetRequiredValue(file));
            var given = parsed.GetValue(arguments) ?? [];
            using var world = MakeWorld(wasi.Read(parsed, context, parsed.GetRequiredValue(file), name is null ? given : []));
            return RunIn(world, context, () =>
            {
                var limits = new WasmLimits { MemoryBytes = bytes };
                if (name is null) return WasmRun.Command(module, limits, world);
                WasmRun.Call(module, name, given, times, limits, world).Write(context, output.Of(parsed));
                return (int)ExitCode.Done;
            });
        });
        return command;
    }

    private static WasiWorld MakeWorld(WasiSettings settings)
    {
        try
        {
            return new WasiWorld(settings);
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            throw new CliException(ExitCode.BadInput, e.Message, e);
        }
    }

    /// <summary>A program that ends itself ends the verb with its exit code.</summary>
    private static int RunIn(WasiWorld world, CliContext context, Func<int> run)
    {
        using var host = new MachineHost(context);
        world.BeginTurn(host);
        try
        {
            return run();
        }
        catch (WasmTrapException e) when (WasiExitException.Is(e, out var code))
        {
            return (int)code;
        }
    }

    private static Command BuildInspect(CliContext context, OutputOption output)
    {
        var file = ModuleFile();
        var command = new Command("inspect", "Shows sections, imports, exports and features of a module, and what of its state is saved; a component is named as one.") { file };
        command.SetAction(parsed =>
        {
            Inspect(context, Read(parsed.GetRequiredValue(file)), parsed.GetRequiredValue(file), output.Of(parsed));
            return (int)ExitCode.Done;
        });
        return command;
    }

    /// <summary>Shows what a module or component is.</summary>
    /// <param name="context">Where it is shown.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="json">Whether as JSON.</param>
    public static void Inspect(CliContext context, byte[] bytes, string name, bool json)
    {
        if (ComponentDescription.TryRead(bytes, name) is { } component)
        {
            WasmComponentInspection.Write(context, component, bytes, json);
            return;
        }
        using var engine = new WasmEngine();
        using var module = engine.Load(bytes, name);
        if (json) WasmInspection.WriteJson(context, module);
        else WasmInspection.WriteText(context, module);
    }

    private static Argument<string> ModuleFile() => new("FILE") { Description = "The module, a .wasm or .wat file." };

    /// <summary>The bytes of a module's file.</summary>
    /// <exception cref="CliException">It is not there or cannot be read.</exception>
    public static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.BadInput, $"the module '{file}' is not there; check the path", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the module '{file}' cannot be read: {e.Message}", e);
        }
    }
}
