namespace AkkaWasm.Actors.Sources;

/// <summary>A source cannot go on. Its supervisor decides by <see cref="RetryHelps"/> whether to start it again.</summary>
/// <param name="message">One sentence: what, where, what to do.</param>
/// <param name="retryHelps">Whether it may go better the next time: the file could not be opened, the mesh did not answer. A malformed file stays malformed.</param>
/// <param name="inner">The cause, if there is one.</param>
internal sealed class SourceFailedException(string message, bool retryHelps, Exception? inner = null) : Exception(message, inner)
{
    public bool RetryHelps { get; } = retryHelps;
}
