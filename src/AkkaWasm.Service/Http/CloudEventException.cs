namespace AkkaWasm.Service.Http;

/// <summary>What was sent is no CloudEvent.</summary>
/// <param name="message">One sentence: which event, which attribute, what to do.</param>
/// <param name="attribute">The attribute, or null if the fault is not that of one.</param>
/// <param name="index">Which event of a batch, from 0.</param>
internal sealed class CloudEventException(string message, string? attribute = null, int index = 0) : Exception(message)
{
    public string? Attribute { get; } = attribute;

    public int Index { get; } = index;
}
