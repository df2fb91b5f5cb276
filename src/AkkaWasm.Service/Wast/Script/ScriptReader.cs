using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Service.Wast.Values;

namespace AkkaWasm.Service.Wast.Script;

/// <summary>Reads a script into its commands.</summary>
internal static class ScriptReader
{
    private static readonly Dictionary<string, Func<SExpression, Command>> Commands = new()
    {
        ["module"] = e => ModuleReader.IsDefinition(e)
            ? new DefinitionCommand(e.Place, ModuleReader.Read(e))
            : new InstanceCommand(e.Place, ModuleReader.ReadInstance(e)),
        ["register"] = Register,
        ["invoke"] = e => new ActionCommand(e.Place, Action(e)),
        ["get"] = e => new ActionCommand(e.Place, Action(e)),
        ["assert_return"] = e => new ReturnAssertion(e.Place, Action(Operand(e, 1)), [.. e.Items.Skip(2).Select(PatternReader.Read)]),
        ["assert_trap"] = Trap,
        ["assert_exhaustion"] = Trap,
        ["assert_exception"] = e => new ExceptionAssertion(e.Place, Action(Operand(Sized(e, 2), 1))),
        ["assert_malformed"] = Refusal,
        ["assert_malformed_custom"] = Refusal,
        ["assert_invalid"] = Refusal,
        ["assert_invalid_custom"] = Refusal,
        ["assert_unlinkable"] = e => new UnlinkableAssertion(e.Place, ModuleReader.ReadInstance(Operand(Sized(e, 3), 1)), Message(e)),
    };

    /// <summary>Commands of other proposals and of the reference interpreter, and why they are not served.</summary>
    private static readonly Dictionary<string, string> NotServed = new()
    {
        ["thread"] = "threads are off", ["wait"] = "threads are off", ["assert_suspension"] = "stack switching is not part of WebAssembly 3.0",
        ["script"] = "it is the reference interpreter's own", ["input"] = "it is the reference interpreter's own",
        ["output"] = "it is the reference interpreter's own", ["component"] = "only core modules are served",
    };

    private static readonly HashSet<string> Fields = ["type", "rec", "import", "func", "table", "memory", "tag", "global", "export", "start", "elem", "data"];

    /// <summary>The commands in their order.</summary>
    /// <exception cref="ScriptException">The script cannot be read; the message says where and why.</exception>
    public static IReadOnlyList<Command> Read(ScriptText text)
    {
        var expressions = SExpressionReader.Read(text);
        if (expressions.Count > 0 && Fields.Contains(expressions[0].Head))
        {
            var module = ModuleReader.ReadFields(text, expressions[0]);
            return [new InstanceCommand(module.Place, new Instantiation(module.Place, null, module, null))];
        }
        return [.. expressions.Select(Command)];
    }

    private static Command Command(SExpression e)
    {
        if (Commands.TryGetValue(e.Head, out var read)) return read(e);
        throw e.Error(NotServed.TryGetValue(e.Head, out var reason)
            ? $"the command {e.Head} is not served: {reason}; remove it"
            : $"{(e.Head.Length > 0 ? e.Head : e.Source)} is no command; write one of {string.Join(", ", Commands.Keys.Select(k => $"({k} …)"))}");
    }

    private static RegisterCommand Register(SExpression e)
    {
        if (e.Items.Count is not (2 or 3) || (e.Items.Count == 3 && !e.Items[2].IsIdentifier))
            throw e.Error("register takes a name and perhaps the identifier of an instance; write (register \"name\" $instance)");
        return new RegisterCommand(e.Place, StringLiteral.ReadName(e.Items[1]), e.Items.ElementAtOrDefault(2)?.Identifier);
    }

    private static ScriptAction Action(SExpression e)
    {
        if (e.Head is not ("invoke" or "get")) throw e.Error($"an action is wanted and not {e.Source}; write (invoke …) or (get …)");
        var instance = e.Items.Count > 1 ? e.Items[1].Identifier : null;
        var at = instance is null ? 1 : 2;
        var export = StringLiteral.ReadName(Operand(e, at));
        if (e.Head == "invoke") return new InvokeAction(e.Place, instance, export, [.. e.Items.Skip(at + 1).Select(ConstantReader.Read)]);
        return new GetAction(Sized(e, at + 1).Place, instance, export);
    }

    private static TrapAssertion Trap(SExpression e)
    {
        var what = Operand(Sized(e, 3), 1);
        return ModuleReader.IsModule(what)
            ? new TrapAssertion(e.Place, null, ModuleReader.ReadInstance(what), Message(e))
            : new TrapAssertion(e.Place, Action(what), null, Message(e));
    }

    private static RefusalAssertion Refusal(SExpression e) => new(e.Place, ModuleReader.Read(Operand(Sized(e, 3), 1)), Message(e));

    private static string Message(SExpression e) => StringLiteral.ReadName(Operand(e, 2));

    private static SExpression Operand(SExpression e, int index) => e.Items.Count > index
        ? e.Items[index]
        : throw e.Error($"{e.Head} has {e.Items.Count - 1} operands and needs more");

    private static SExpression Sized(SExpression e, int count) => e.Items.Count == count
        ? e
        : throw e.Error($"{e.Head} has {e.Items.Count - 1} operands and takes {count - 1}");
}
