namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// The <c>name</c> section: names for messages and back-traces. It is not part of the module's meaning, so a malformed one
/// is left aside from where it breaks.
/// </summary>
internal sealed class NameSection
{
    private const byte ModuleNames = 0;
    private const byte FunctionNames = 1;
    private readonly Dictionary<int, string> _functions = [];

    public string? Module { get; private set; }

    public string? Function(int index) => _functions.GetValueOrDefault(index);

    /// <summary>Reads the section; the cursor is a copy, so nothing that fails here moves the caller's.</summary>
    public void Read(BinaryCursor c, int functions)
    {
        try
        {
            while (!c.AtEnd) Subsection(ref c, functions);
        }
        catch (ModuleRefusedException)
        {
            // The specification has engines ignore a malformed custom section.
        }
    }

    private void Subsection(ref BinaryCursor c, int functions)
    {
        var id = c.Byte();
        var outer = c.Confine(c.U32(), "a name subsection");
        switch (id)
        {
            case ModuleNames:
                Module = c.Name("the module's name");
                break;
            case FunctionNames:
                ReadFunctions(ref c, functions);
                break;
            default:
                c.Skip((uint)c.Remaining);
                break;
        }
        c.Leave(outer, "a name subsection");
    }

    private void ReadFunctions(ref BinaryCursor c, int functions)
    {
        var count = c.Count("function names", c.Limits.MaxFunctions, nameof(c.Limits.MaxFunctions));
        for (var i = 0; i < count; i++)
        {
            var index = c.Index("function", functions);
            var name = c.Name("a function's name");
            if (name.Length > 0) _functions[index] = name;
        }
    }
}
