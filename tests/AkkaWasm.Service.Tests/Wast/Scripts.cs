using System.Text;
using AkkaWasm.Service.Wast;
using AkkaWasm.Service.Wast.Running;
using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Service.Wast.Syntax;

namespace AkkaWasm.Service.Tests.Wast;

/// <summary>Scripts as texts.</summary>
internal static class Scripts
{
    public static SExpression One(string text) => Assert.Single(Expressions(text));

    public static IReadOnlyList<SExpression> Expressions(string text) => SExpressionReader.Read(Text(text));

    public static IReadOnlyList<Command> Commands(string text) => ScriptReader.Read(Text(text));

    /// <summary>What reading a script ends with.</summary>
    public static string Error(string text) => Assert.Throws<ScriptException>(() => Commands(text)).Message;

    public static ScriptReport Run(string text, ScriptMode mode = ScriptMode.Plain)
    {
        using var engine = new ScriptEngine();
        return new ScriptRunner(engine, mode).Run(Encoding.UTF8.GetBytes(text), "t.wast");
    }

    private static ScriptText Text(string text) => new(Encoding.UTF8.GetBytes(text), "t.wast");
}
