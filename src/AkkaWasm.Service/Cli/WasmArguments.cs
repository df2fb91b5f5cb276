using System.Globalization;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Cli;

/// <summary>Reads arguments of a function from text, by its signature.</summary>
internal static class WasmArguments
{
    private delegate bool Reader(string text, out WasmValue value);

    private static readonly Dictionary<WasmValueKind, (Reader Read, string Wanted)> Readers = new()
    {
        [WasmValueKind.I32] = (I32, "a whole number from -2147483648 to 4294967295, or 0x and up to 8 hexadecimal digits"),
        [WasmValueKind.I64] = (I64, "a whole number from -9223372036854775808 to 18446744073709551615, or 0x and up to 16 hexadecimal digits"),
        [WasmValueKind.F32] = (F32, "a number, inf, -inf or nan"),
        [WasmValueKind.F64] = (F64, "a number, inf, -inf or nan"),
        [WasmValueKind.V128] = (V128, "0x and up to 32 hexadecimal digits, lane 0 lowest"),
        [WasmValueKind.Reference] = (Null, "null, the only reference that can be given from outside"),
    };

    private static readonly Dictionary<string, double> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["inf"] = double.PositiveInfinity, ["+inf"] = double.PositiveInfinity, ["-inf"] = double.NegativeInfinity, ["nan"] = double.NaN,
    };

    /// <exception cref="CliException">There are too few or too many, or one does not fit; the message says which.</exception>
    public static WasmValue[] Read(string function, WasmFunctionType type, string[] arguments)
    {
        if (arguments.Length != type.Parameters.Count)
            throw new CliException(ExitCode.BadInput, $"{function} is {type} and was given {arguments.Length} arguments; give {type.Parameters.Count}");
        var values = new WasmValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (read, wanted) = Readers[type.Parameters[i].Kind];
            if (!read(arguments[i], out values[i]))
                throw new CliException(ExitCode.BadInput, $"argument {i + 1} of {function}, '{arguments[i]}', is no {type.Parameters[i]}; write {wanted}");
        }
        return values;
    }

    private static bool I32(string text, out WasmValue value)
    {
        var read = Whole(text, 8, out var number) && number >= int.MinValue && number <= uint.MaxValue;
        value = read ? WasmValue.FromI32(unchecked((int)(long)number)) : default;
        return read;
    }

    private static bool I64(string text, out WasmValue value)
    {
        var read = Whole(text, 16, out var number) && number >= long.MinValue && number <= ulong.MaxValue;
        value = read ? WasmValue.FromI64(unchecked((long)number)) : default;
        return read;
    }

    private static bool F32(string text, out WasmValue value)
    {
        var isWord = Words.TryGetValue(text, out var word);
        var read = isWord | float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        value = WasmValue.FromF32(isWord ? (float)word : number);
        return read;
    }

    private static bool F64(string text, out WasmValue value)
    {
        var isWord = Words.TryGetValue(text, out var word);
        var read = isWord | double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        value = WasmValue.FromF64(isWord ? word : number);
        return read;
    }

    private static bool V128(string text, out WasmValue value)
    {
        UInt128 bits = 0;
        var read = text.StartsWith("0x", StringComparison.Ordinal) && text.Length <= 34
            && UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits);
        value = WasmValue.FromV128(bits);
        return read;
    }

    private static bool Null(string text, out WasmValue value)
    {
        value = WasmValue.NullReference;
        return text == "null";
    }

    private static bool Whole(string text, int maxDigits, out Int128 number)
    {
        if (!text.StartsWith("0x", StringComparison.Ordinal))
            return Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        var read = UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) && text.Length <= maxDigits + 2;
        number = read ? (Int128)bits : 0;
        return read;
    }
}
