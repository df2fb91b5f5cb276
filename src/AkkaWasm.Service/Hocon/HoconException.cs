namespace AkkaWasm.Service.Hocon;

/// <summary>
/// The only exception that reading, resolving or querying HOCON throws for bad input. Its message is one sentence:
/// what is wrong, where (file, line, column) and what to do.
/// </summary>
internal sealed class HoconException : Exception
{
    public HoconException(string problem, HoconOrigin origin, string remedy, Exception? inner = null)
        : base($"{problem} at {origin}; {remedy}", inner)
    {
        Problem = problem;
        Origin = origin;
        Remedy = remedy;
    }

    public string Problem { get; }

    public HoconOrigin Origin { get; }

    public string Remedy { get; }
}
