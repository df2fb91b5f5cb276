using System.Text;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Binary;

/// <summary>Modules written as text, read by the reader.</summary>
internal static class Wat
{
    public const string File = "guest.wasm";

    public static byte[] Binary(string fields) => WatText.ToBinary(Encoding.UTF8.GetBytes($"(module {fields})"), "guest.wat");

    public static ModuleDescription Read(string fields) => ModuleReader.Read(Binary(fields), File, ModuleLimits.Default);

    public static ModuleRefusedException Refused(byte[] wasm, ModuleLimits? limits = null) =>
        Assert.Throws<ModuleRefusedException>(() => ModuleReader.Read(wasm, File, limits ?? ModuleLimits.Default));

    public static ModuleRefusedException Refused(string fields, ModuleLimits? limits = null) => Refused(Binary(fields), limits);
}
