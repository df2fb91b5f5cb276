using System.Text;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>How a script gives a module.</summary>
internal enum ModuleForm
{
    Text,
    Binary,
    Quote,
}

/// <summary>What a script says of a module.</summary>
internal enum Expectation
{
    Valid,
    Malformed,
    Invalid,
    Unlinkable,
    TrapsAtStart,

    /// <summary>Engines may ignore it.</summary>
    BadCustomSection,
}

/// <summary>One module of a script; <paramref name="Source"/> is text, or the binary itself.</summary>
internal sealed record ScriptModule(string Name, ModuleForm Form, Expectation Expectation, byte[] Source);

/// <summary>Splits a <c>.wast</c> script of the official suite into its modules.</summary>
internal static class WastScript
{
    private static readonly Dictionary<string, Expectation> Assertions = new()
    {
        ["assert_malformed"] = Expectation.Malformed, ["assert_malformed_custom"] = Expectation.BadCustomSection,
        ["assert_invalid"] = Expectation.Invalid, ["assert_invalid_custom"] = Expectation.BadCustomSection,
        ["assert_unlinkable"] = Expectation.Unlinkable, ["assert_trap"] = Expectation.TrapsAtStart,
        ["assert_exhaustion"] = Expectation.TrapsAtStart,
    };

    private static readonly HashSet<string> Commands =
    [
        "module", "register", "invoke", "get", "assert_return", "assert_exception", "assert_suspension", "script", "input", "output", "meta",
        .. Assertions.Keys,
    ];

    public static IReadOnlyList<ScriptModule> Modules(byte[] script, string file)
    {
        var forms = SExpression.ReadAll(script).Where(f => f.IsList && !f.IsAnnotation).ToList();
        if (forms.Count > 0 && !Commands.Contains(forms[0].Keyword))
            return [new ScriptModule($"{file}:1", ModuleForm.Text, Expectation.Valid, [.. "(module\n"u8, .. script, .. "\n)"u8])];
        var modules = new List<ScriptModule>();
        foreach (var form in forms)
        {
            var expectation = Assertions.GetValueOrDefault(form.Keyword, Expectation.Valid);
            var module = form.Keyword == "module" ? form : form.Children.FirstOrDefault(c => c.IsList && c.Keyword == "module");
            if (module is not null && Read(module, script, file, expectation) is { } read) modules.Add(read);
        }
        return modules;
    }

    private static ScriptModule? Read(SExpression module, byte[] script, string file, Expectation expectation)
    {
        var words = module.Children.Where(c => !c.IsAnnotation).Skip(1).TakeWhile(c => !c.IsList && !c.IsString).ToList();
        var definition = words.FirstOrDefault(w => w.Atom == "definition");
        var name = $"{file}:{1 + script.AsSpan(0, module.Start).Count((byte)'\n')}";
        if (words.Exists(w => w.Atom == "instance")) return null;
        if (words.Exists(w => w.Atom == "binary"))
            return new ScriptModule(name, ModuleForm.Binary, expectation, Strings(module, []));
        if (words.Exists(w => w.Atom == "quote"))
            return new ScriptModule(name, ModuleForm.Quote, expectation, Quoted(Strings(module, " "u8)));
        var text = script[module.Start..module.End];
        if (definition is not null)
            Encoding.ASCII.GetBytes("          ").CopyTo(text, definition.Start - module.Start);
        return new ScriptModule(name, ModuleForm.Text, expectation, text);
    }

    /// <summary>A quoted module is whole, or its fields only.</summary>
    private static byte[] Quoted(byte[] text) =>
        text.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("(module"u8) ? text : [.. "(module\n"u8, .. text, .. "\n)"u8];

    private static byte[] Strings(SExpression module, ReadOnlySpan<byte> separator)
    {
        var bytes = new List<byte>();
        foreach (var text in module.Children.Where(c => c.IsString))
        {
            bytes.AddRange(text.StringValue());
            bytes.AddRange(separator);
        }
        return [.. bytes];
    }
}
