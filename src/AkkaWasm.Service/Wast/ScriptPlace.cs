namespace AkkaWasm.Service.Wast;

/// <summary>A place in a script.</summary>
/// <param name="File">The script, as it was named.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in bytes, from 1.</param>
internal readonly record struct ScriptPlace(string File, int Line, int Column)
{
    /// <summary>As <c>core/call.wast:12:3</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
