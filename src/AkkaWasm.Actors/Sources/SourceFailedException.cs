namespace AkkaWasm.Actors.Sources;

/// <summary>A source cannot go on: its file cannot be read, an element is malformed, the mesh refuses an event.</summary>
/// <param name="message">One sentence: which file, where in it, what, what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
internal sealed class SourceFailedException(string message, Exception? inner = null) : Exception(message, inner);
