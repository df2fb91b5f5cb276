namespace AkkaWasm.Wasm.Wasi;

/// <summary>The streams that every program has, by their descriptors.</summary>
public enum WasiStream
{
    /// <summary>Standard input, descriptor 0.</summary>
    Input = 0,

    /// <summary>Standard output, descriptor 1.</summary>
    Output = 1,

    /// <summary>Standard error, descriptor 2.</summary>
    Error = 2,
}

/// <summary>
/// What a world takes from outside and gives out: time, randomness and the standard streams. For an agent all of it follows from the turn;
/// for a program that is run by itself it is the machine's. Called by the thread that runs the program, during its calls.
/// </summary>
public abstract class WasiHost
{
    /// <summary>Now, in nanoseconds since the Unix epoch.</summary>
    public abstract ulong RealtimeNs { get; }

    /// <summary>
    /// Whether time passes by itself. If so, sleeping is <see cref="Sleep"/> and clocks are read from here. If not, time stands still while the
    /// program runs, and the world lets it jump ahead by what the program sleeps.
    /// </summary>
    public virtual bool TimePasses => false;

    /// <summary>Nanoseconds that never go back; asked for only where <see cref="TimePasses"/>.</summary>
    public virtual ulong MonotonicNs => RealtimeNs;

    /// <summary>Processor time of the program, nanoseconds; asked for only where <see cref="TimePasses"/>.</summary>
    public virtual ulong ProcessorNs => 0;

    /// <summary>Fills with random bytes.</summary>
    public abstract void FillRandom(Span<byte> destination);

    /// <summary>Reads from standard input.</summary>
    /// <param name="destination">Room for at least one byte.</param>
    /// <returns>How many bytes were read; 0 where the input ends.</returns>
    public abstract int ReadInput(Span<byte> destination);

    /// <summary>
    /// Waits until standard input can be read without blocking, the end of it included.
    /// </summary>
    /// <param name="timeoutNs">The longest wait; <see cref="ulong.MaxValue"/> for any. Without meaning where time does not pass.</param>
    /// <returns>Whether it can be read.</returns>
    public virtual bool WaitForInput(ulong timeoutNs) => true;

    /// <summary>Takes what the program writes to standard output or error.</summary>
    public abstract void Write(WasiStream stream, ReadOnlySpan<byte> bytes);

    /// <summary>Blocks for some nanoseconds; called only where <see cref="TimePasses"/>.</summary>
    public virtual void Sleep(ulong ns) => throw new NotSupportedException("Time does not pass here.");

    /// <summary>Whether a stream is a terminal that a person looks at.</summary>
    public virtual bool IsTerminal(WasiStream stream) => false;

    /// <summary>
    /// Called where the program waits for input that is not there: at the end of the input, or in a poll for nothing else. A host that can
    /// continue the program later unwinds its stack and returns true; the answer of the call is then not seen by the program.
    /// </summary>
    public virtual bool Suspend() => false;

    /// <summary>Called at the beginning of every call that <see cref="Suspend"/> may have left, before anything else.</summary>
    public virtual void Resume()
    {
    }
}
