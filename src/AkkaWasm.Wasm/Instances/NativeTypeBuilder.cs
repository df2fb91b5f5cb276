using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Function types of the library, made from signatures of numbers and vectors.</summary>
internal static unsafe class NativeTypeBuilder
{
    /// <summary>The caller owns what is returned and deletes it with <c>wasm_functype_delete</c>.</summary>
    public static nint Function(WasmFunctionType type)
    {
        var parameters = Vector(type.Parameters);
        var results = Vector(type.Results);
        return LibWasmtime.wasm_functype_new(&parameters, &results);
    }

    private static NativeVector Vector(IReadOnlyList<WasmValueType> types)
    {
        var items = new nint[types.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = types[i].Kind == WasmValueKind.V128
                ? LibWasmtime.wasmtime_wasm_valtype_v128()
                : LibWasmtime.wasm_valtype_new((byte)types[i].Kind);
        }
        NativeVector vector;
        fixed (nint* first = items) LibWasmtime.wasm_valtype_vec_new(&vector, (nuint)items.Length, first);
        return vector;
    }
}
