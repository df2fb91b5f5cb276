using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Builds a module that has the guest's types, under the same indices, and functions of the host's own that make, read and write objects of
/// these types. The engine takes the types of both modules for the same.
/// </summary>
internal sealed class HelperBuilder
{
    private readonly ModuleDescription _guest;
    private readonly BinaryBuffer _addedTypes = new();
    private readonly Addition _functions = new();
    private readonly Addition _tables = new();
    private readonly Addition _globals = new();
    private readonly Addition _exports = new();
    private readonly Addition _bodies = new();
    private readonly Addition _data = new();
    private readonly Addition _tags = new();
    private readonly Dictionary<string, int> _signatures = [];
    private int _addedTypeCount;

    public HelperBuilder(ModuleDescription guest) => _guest = guest;

    /// <summary>Adds a type behind the guest's own and gives its index.</summary>
    public int AddType(ReadOnlySpan<byte> composite)
    {
        var key = Convert.ToHexString(composite);
        if (_signatures.TryGetValue(key, out var known)) return known;
        _addedTypes.Bytes(composite);
        return _signatures[key] = _guest.Types.Count + _addedTypeCount++;
    }

    /// <summary>Adds a function and exports it.</summary>
    /// <param name="export">The name it is exported under.</param>
    /// <param name="parameters">The parameters, encoded.</param>
    /// <param name="results">The results, encoded.</param>
    /// <param name="instructions">The body without its last <c>end</c>.</param>
    /// <param name="local">The type of the locals that the body uses beside the parameters, or null.</param>
    /// <param name="locals">How many of them, fewer than 128.</param>
    public int AddFunction(
        string export, IReadOnlyList<byte[]> parameters, IReadOnlyList<byte[]> results, BinaryBuffer instructions, byte[]? local = null, byte locals = 1)
    {
        var signature = new BinaryBuffer().Byte(Op.FunctionType).U32((uint)parameters.Count);
        foreach (var parameter in parameters) signature.Bytes(parameter);
        signature.U32((uint)results.Count);
        foreach (var result in results) signature.Bytes(result);
        return AddFunction(export, AddType(signature.Written.Span), instructions, local, locals);
    }

    /// <summary>Adds a function of a type that is there already.</summary>
    public int AddFunction(string export, int type, BinaryBuffer instructions, byte[]? local = null, byte locals = 1)
    {
        var index = _functions.Count;
        _functions.Add().U32((uint)type);
        byte[] declared = local is null ? [0] : [1, locals, .. local];
        _bodies.Add().U32((uint)(declared.Length + instructions.Length + 1)).Bytes(declared).Bytes(instructions.Written.Span).Byte(Op.End);
        Export(export, ExternalKind.Function, index);
        return index;
    }

    public int AddTable(byte[] element, string export)
    {
        var index = _tables.Count;
        _tables.Add().Bytes(element).Byte(0).U32(0);
        Export(export, ExternalKind.Table, index);
        return index;
    }

    /// <summary>Adds a mutable global.</summary>
    public int AddGlobal(byte[] type, BinaryBuffer initial)
    {
        var index = _globals.Count;
        _globals.Add().Bytes(type).Byte(1).Bytes(initial.Written.Span).Byte(Op.End);
        return index;
    }

    /// <summary>Adds an exception tag without a payload.</summary>
    public int AddTag()
    {
        var index = _tags.Count;
        _tags.Add().Byte(0).U32((uint)AddType([Op.FunctionType, 0, 0]));
        return index;
    }

    /// <summary>Adds a passive data segment.</summary>
    public int AddData(ReadOnlySpan<byte> bytes)
    {
        var index = _data.Count;
        _data.Add().Byte(1).U32((uint)bytes.Length).Bytes(bytes);
        return index;
    }

    public ReadOnlyMemory<byte> Build()
    {
        var module = new BinaryBuffer().Bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        module.Section(1, Types().Written.Span);
        Section(module, 3, _functions);
        Section(module, 4, _tables);
        Section(module, 13, _tags);
        Section(module, 6, _globals);
        Section(module, 7, _exports);
        if (_data.Count > 0) module.Section(12, new BinaryBuffer().U32((uint)_data.Count).Written.Span);
        Section(module, 10, _bodies);
        Section(module, 11, _data);
        return module.Written;
    }

    private void Export(string name, ExternalKind kind, int index) => _exports.Add().Name(name).Byte((byte)kind).U32((uint)index);

    private static void Section(BinaryBuffer module, byte id, Addition items)
    {
        if (items.Count > 0) items.Append(module, id, []);
    }

    private BinaryBuffer Types()
    {
        var types = new BinaryBuffer().U32((uint)(_guest.RecursionGroups.Count + _addedTypeCount));
        foreach (var group in _guest.RecursionGroups)
        {
            if (group.Count != 1) types.Byte(Op.RecursionGroup).U32((uint)group.Count);
            for (var i = 0; i < group.Count; i++) Write(types, _guest.Types[group.FirstType + i]);
        }
        return types.Bytes(_addedTypes.Written.Span);
    }

    private static void Write(BinaryBuffer types, TypeDefinition type)
    {
        if (!type.IsFinal || type.Supertypes.Count > 0)
        {
            types.Byte(type.IsFinal ? Op.FinalSubtype : Op.OpenSubtype).U32((uint)type.Supertypes.Count);
            foreach (var super in type.Supertypes) types.U32((uint)super);
        }
        switch (type.Kind)
        {
            case CompositeKind.Function:
                types.Byte(Op.FunctionType).U32((uint)type.Parameters.Count);
                foreach (var parameter in type.Parameters) types.Bytes(Op.Storage(parameter));
                types.U32((uint)type.Results.Count);
                foreach (var result in type.Results) types.Bytes(Op.Storage(result));
                break;
            case CompositeKind.Struct:
                types.Byte(Op.StructType).U32((uint)type.Fields.Count);
                foreach (var field in type.Fields) types.Bytes(Op.Field(field));
                break;
            default:
                types.Byte(Op.ArrayType).Bytes(Op.Field(type.Fields[0]));
                break;
        }
    }
}
