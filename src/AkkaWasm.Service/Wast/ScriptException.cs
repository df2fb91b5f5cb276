namespace AkkaWasm.Service.Wast;

/// <summary>A script that cannot be read, or asks for what is not served. Its message is one sentence: where, what, and what to do.</summary>
internal sealed class ScriptException(ScriptPlace place, string reason) : Exception($"{place}: {reason}")
{
    public ScriptPlace Place { get; } = place;

    public string Reason { get; } = reason;
}
