using AkkaWasm.Service.Wast.Syntax;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>Which bits a result may have.</summary>
internal enum LaneKind : byte
{
    /// <summary>One pattern of bits.</summary>
    Exact,

    /// <summary>A NaN whose payload is the quiet bit alone, of either sign.</summary>
    CanonicalNan,

    /// <summary>A NaN with the quiet bit, whatever else it has.</summary>
    ArithmeticNan,
}

/// <summary>What a number, or a lane of a vector, has to be.</summary>
/// <param name="Kind">Which bits it may have.</param>
/// <param name="Bits">The bits, if they have to be exactly these.</param>
/// <param name="Text">As the script writes it.</param>
internal readonly record struct Lane(LaneKind Kind, ulong Bits, string Text)
{
    /// <summary>Reads a lane.</summary>
    /// <param name="expression">The number.</param>
    /// <param name="type">Its type, as <c>i8</c> or <c>f64</c>.</param>
    /// <param name="mayBeNan">Whether <c>nan:canonical</c> and <c>nan:arithmetic</c> are allowed.</param>
    /// <exception cref="ScriptException">It is no such number, or out of range.</exception>
    public static Lane Read(SExpression expression, LaneType type, bool mayBeNan)
    {
        var word = expression.Word;
        if (word is "nan:canonical" or "nan:arithmetic" && type.Float is not null)
        {
            return mayBeNan
                ? new Lane(word == "nan:canonical" ? LaneKind.CanonicalNan : LaneKind.ArithmeticNan, 0, word)
                : throw expression.Error($"{word} stands for many values and may be a result only; write nan or nan:0x…");
        }
        var bits = type.Float switch
        {
            null => IntegerLiteral.Read(expression, type.Bits),
            { Bits: 32 } => FloatLiteral.ReadF32(expression),
            _ => FloatLiteral.ReadF64(expression),
        };
        return new Lane(LaneKind.Exact, bits, word);
    }

    public bool Matches(ulong bits, LaneType type) => Kind switch
    {
        LaneKind.CanonicalNan => type.Float!.IsCanonicalNan(bits),
        LaneKind.ArithmeticNan => type.Float!.IsArithmeticNan(bits),
        _ => bits == Bits,
    };
}
