using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>What is asked for lies before the beginning of the log, or needs what lies there.</summary>
/// <param name="message">One sentence: what, where the log begins, what to do.</param>
/// <param name="beginning">Where the log begins.</param>
public sealed class LogBeginsLaterException(string message, LogBeginning beginning) : Exception(message)
{
    /// <summary>Nothing is to be had at an offset.</summary>
    /// <param name="offset">Offset that is asked for.</param>
    /// <param name="beginning">Where the log begins.</param>
    public LogBeginsLaterException(long offset, LogBeginning beginning)
        : this($"There is nothing at offset {offset} any more: {LogBeginningText.Of(beginning)}; ask for a later position.", beginning)
    {
    }

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning { get; } = beginning;
}
