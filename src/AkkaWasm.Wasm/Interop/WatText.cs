using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace AkkaWasm.Wasm.Interop;

/// <summary>Turns the text format into the binary one by the engine library's own parser.</summary>
internal static partial class WatText
{
    private const string Library = "wasmtime";

    private static ReadOnlySpan<byte> BinaryMagic => "\0asm"u8;

    /// <summary>Whether the bytes are a binary already (by its magic number).</summary>
    public static bool IsBinary(ReadOnlySpan<byte> bytes) => bytes.StartsWith(BinaryMagic);

    /// <summary>Converts UTF-8 text.</summary>
    /// <exception cref="ModuleRefusedException">The text is longer than a module may be, not UTF-8, or no module.</exception>
    public static unsafe byte[] ToBinary(ReadOnlySpan<byte> text, string file, ModuleLimits? limits = null)
    {
        limits ??= ModuleLimits.Default;
        if (text.Length > limits.MaxModuleBytes)
        {
            throw new ModuleRefusedException(file, $"{text.Length} bytes of text are more than the limit of {limits.MaxModuleBytes} "
                + $"({nameof(limits.MaxModuleBytes)}); convert it outside and give the binary");
        }
        ByteVector binary;
        nint error;
        fixed (byte* start = text)
        {
            byte nothing = 0;
            error = Convert(start is null ? &nothing : start, (nuint)text.Length, &binary);
        }
        return error == 0 ? Take(&binary) : throw Refusal(error, file);
    }

    private static unsafe ModuleRefusedException Refusal(nint error, string file)
    {
        ByteVector message;
        ErrorMessage(error, &message);
        ErrorDelete(error);
        var text = Encoding.UTF8.GetString(Take(&message));
        var reason = text.Split('\n', 2)[0].Trim();
        var place = PlacePattern().Match(text);
        return place.Success
            ? new ModuleRefusedException(file, Number(place.Groups[1]), Number(place.Groups[2]), $"{reason}; correct the text")
            : new ModuleRefusedException(file, $"{reason}; correct the text");
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static unsafe byte[] Take(ByteVector* vector)
    {
        try
        {
            return new ReadOnlySpan<byte>(vector->Data, checked((int)vector->Size)).ToArray();
        }
        finally
        {
            ByteVectorDelete(vector);
        }
    }

    [GeneratedRegex(@"--> [^\n]*:(\d+):(\d+)")]
    private static partial Regex PlacePattern();

    [LibraryImport(Library, EntryPoint = "wasmtime_wat2wasm")]
    private static unsafe partial nint Convert(byte* text, nuint length, ByteVector* binary);

    [LibraryImport(Library, EntryPoint = "wasmtime_error_message")]
    private static unsafe partial void ErrorMessage(nint error, ByteVector* message);

    [LibraryImport(Library, EntryPoint = "wasmtime_error_delete")]
    private static partial void ErrorDelete(nint error);

    [LibraryImport(Library, EntryPoint = "wasm_byte_vec_delete")]
    private static unsafe partial void ByteVectorDelete(ByteVector* vector);

    /// <summary><c>wasm_byte_vec_t</c>: length, then address.</summary>
    private unsafe struct ByteVector
    {
        public nuint Size;
        public byte* Data;
    }
}
