namespace AkkaWasm.Service.Wast.Running;

/// <summary>What else is done while a script runs.</summary>
internal enum ScriptMode : byte
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>After every action all state is saved as bytes and restored into a new store.</summary>
    RoundTrip,

    /// <summary>Modules that are linked are composed into one too, on which every action has to come to the same.</summary>
    Composed,
}
