namespace AkkaWasm.Mesh.Shards;

/// <summary>The circuit of a family changed.</summary>
/// <param name="Definition">Name of the family.</param>
/// <param name="State">What it is from here on.</param>
/// <param name="UntilNs">Until when it is open, nanoseconds since the Unix epoch; 0 where it is not.</param>
public sealed record CircuitRecord(string Definition, CircuitState State, long UntilNs) : LogRecord;
