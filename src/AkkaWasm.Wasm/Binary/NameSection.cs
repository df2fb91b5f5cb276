namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// The <c>name</c> section: names for messages and back-traces. It is not part of the module's meaning, so a malformed one
/// is left aside from where it breaks.
/// </summary>
internal sealed class NameSection
{
    private const byte ModuleNames = 0;
    private const byte FunctionNames = 1;
    private const byte TypeNames = 4;
    private const byte GlobalNames = 7;
    private readonly Dictionary<int, string> _functions = [];

    public string? Module { get; private set; }

    public string? Function(int index) => _functions.GetValueOrDefault(index);

    /// <summary>Names of types, by index.</summary>
    public Dictionary<int, string> Types { get; } = [];

    /// <summary>Names of globals, by index.</summary>
    public Dictionary<int, string> Globals { get; } = [];

    /// <summary>Reads the section; the cursor is a copy, so nothing that fails here moves the caller's.</summary>
    public void Read(BinaryCursor c, ModuleDraft draft)
    {
        try
        {
            while (!c.AtEnd) Subsection(ref c, draft);
        }
        catch (ModuleRefusedException)
        {
            // The specification has engines ignore a malformed custom section.
        }
    }

    private void Subsection(ref BinaryCursor c, ModuleDraft draft)
    {
        var id = c.Byte();
        var outer = c.Confine(c.U32(), "a name subsection");
        switch (id)
        {
            case ModuleNames:
                Module = c.Name("the module's name");
                break;
            case FunctionNames:
                ReadNames(ref c, "function", draft.Functions.Count, _functions);
                break;
            case TypeNames:
                ReadNames(ref c, "type", draft.Types.Count, Types);
                break;
            case GlobalNames:
                ReadNames(ref c, "global", draft.Globals.Count, Globals);
                break;
            default:
                c.Skip((uint)c.Remaining);
                break;
        }
        c.Leave(outer, "a name subsection");
    }

    private static void ReadNames(ref BinaryCursor c, string what, int items, Dictionary<int, string> names)
    {
        var count = c.Count($"{what} names", c.Limits.MaxFunctions, nameof(c.Limits.MaxFunctions));
        for (var i = 0; i < count; i++)
        {
            var index = c.Index(what, items);
            var name = c.Name($"a {what}'s name");
            if (name.Length > 0) names[index] = name;
        }
    }
}
