using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>The module <c>spectest</c> that every script may import from: what the reference interpreter offers under that name.</summary>
internal static class Spectest
{
    public const string Name = "spectest";

    /// <summary>The module name of what it imports itself.</summary>
    public const string Printer = "printer";

    private const string Text = """
        (module
          (func (export "print") (import "printer" "print"))
          (func (export "print_i32") (import "printer" "print_i32") (param i32))
          (func (export "print_i64") (import "printer" "print_i64") (param i64))
          (func (export "print_f32") (import "printer" "print_f32") (param f32))
          (func (export "print_f64") (import "printer" "print_f64") (param f64))
          (func (export "print_i32_f32") (import "printer" "print_i32_f32") (param i32 f32))
          (func (export "print_f64_f64") (import "printer" "print_f64_f64") (param f64 f64))
          (global (export "global_i32") i32 (i32.const 666))
          (global (export "global_i64") i64 (i64.const 666))
          (global (export "global_f32") f32 (f32.const 666.6))
          (global (export "global_f64") f64 (f64.const 666.6))
          (table (export "table") 10 20 funcref)
          (table (export "table64") i64 10 20 funcref)
          (memory (export "memory") 1 2))
        """;

    public static WasmModule Load(WasmEngine engine) => engine.Load(Bytes, Name);

    /// <summary>The module, as text.</summary>
    public static byte[] Bytes => System.Text.Encoding.UTF8.GetBytes(Text);

    /// <summary>The functions that it passes on. Nobody reads what a script prints.</summary>
    public static HostFunctions Functions()
    {
        var functions = new HostFunctions();
        Define("print");
        Define("print_i32", WasmValueKind.I32);
        Define("print_i64", WasmValueKind.I64);
        Define("print_f32", WasmValueKind.F32);
        Define("print_f64", WasmValueKind.F64);
        Define("print_i32_f32", WasmValueKind.I32, WasmValueKind.F32);
        Define("print_f64_f64", WasmValueKind.F64, WasmValueKind.F64);
        return functions;

        void Define(string name, params ReadOnlySpan<WasmValueKind> parameters) =>
            functions.Define(Printer, name, WasmFunctionType.Of(parameters, []), static (ref HostCall _) => { });
    }
}
