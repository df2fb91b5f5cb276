namespace AkkaWasm.Wasm;

/// <summary>An operating fault of the engine: no room for an instance, no memory. The guest is not to blame.</summary>
public sealed class WasmEngineException : Exception
{
    internal WasmEngineException(string message, bool isTransient, Exception? inner = null) : base(message, inner) => IsTransient = isTransient;

    /// <summary>Whether trying again later can help.</summary>
    public bool IsTransient { get; }
}
