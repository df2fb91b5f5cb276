using System.Globalization;
using AkkaWasm.Service.Wast.Syntax;

namespace AkkaWasm.Service.Tests.Wast;

public sealed class NumberLiteralTests
{
    [Theory]
    [InlineData("0", 32, 0)]
    [InlineData("+1_000", 32, 1000)]
    [InlineData("-1", 8, 0xff)]
    [InlineData("-128", 8, 0x80)]
    [InlineData("255", 8, 255)]
    [InlineData("-0x80000000", 32, 0x80000000)]
    [InlineData("0xffff_ffff", 32, 0xffffffff)]
    [InlineData("18446744073709551615", 64, ulong.MaxValue)]
    [InlineData("-9223372036854775808", 64, 1UL << 63)]
    [InlineData("0x0000000000000000000000000000001", 64, 1)]
    public void Integers_are_read_by_their_width(string text, int bits, ulong expected)
    {
        Assert.True(IntegerLiteral.TryRead(text, bits, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("", 32)]
    [InlineData("-", 32)]
    [InlineData("0x", 32)]
    [InlineData("_1", 32)]
    [InlineData("1_", 32)]
    [InlineData("1__0", 32)]
    [InlineData("0x_1", 32)]
    [InlineData("1a", 32)]
    [InlineData("- 1", 32)]
    [InlineData("--1", 32)]
    [InlineData("256", 8)]
    [InlineData("-129", 8)]
    [InlineData("0x100000000", 32)]
    [InlineData("18446744073709551616", 64)]
    [InlineData("-9223372036854775809", 64)]
    public void Integers_out_of_form_or_range_are_refused(string text, int bits) => Assert.False(IntegerLiteral.TryRead(text, bits, out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.0", 0x80000000)]
    [InlineData("1.5e0", 0x3fc00000)]
    [InlineData("1_0.2_5E-1", 0x3f833333)]
    [InlineData("0x1p0", 0x3f800000)]
    [InlineData("0x1.8P+1", 0x40400000)]
    [InlineData("0x0.8", 0x3f000000)]
    [InlineData("0x1p-149", 1)]
    [InlineData("0x1p-150", 0)]
    [InlineData("0x1.000001p-150", 1)]
    [InlineData("0x1.fffffep+127", 0x7f7fffff)]
    [InlineData("0x1.fffffefffffff8p127", 0x7f7fffff)]
    [InlineData("0x1.000001p0", 0x3f800000)]
    [InlineData("0x1.000003p0", 0x3f800002)]
    [InlineData("0x1.00000100000000000000000000000000000001p0", 0x3f800001)]
    [InlineData("0x0.00000000000000000000000000000001p128", 0x3f800000)]
    [InlineData("0x1p-999999999999", 0)]
    [InlineData("inf", 0x7f800000)]
    [InlineData("-inf", 0xff800000)]
    [InlineData("nan", 0x7fc00000)]
    [InlineData("-nan:0x1", 0xff800001)]
    [InlineData("nan:0x7f_ffff", 0x7fffffff)]
    public void Numbers_of_32_bits_are_rounded_once(string text, uint bits) => Assert.Equal(bits, FloatLiteral.TryRead(text, FloatFormat.F32));

    [Theory]
    [InlineData("0x1p-1074", 1)]
    [InlineData("0x1p-1075", 0)]
    [InlineData("0x1.8p-1074", 2)]
    [InlineData("0x0.fffffffffffff8p-1022", 0x0010000000000000)]
    [InlineData("0x1.fffffffffffff7ffp1023", 0x7fefffffffffffff)]
    [InlineData("4.9406564584124654e-324", 1)]
    [InlineData("1e-400", 0)]
    [InlineData("nan:0xfffffffffffff", 0x7fffffffffffffff)]
    public void Numbers_of_64_bits_are_rounded_once(string text, ulong bits) => Assert.Equal(bits, FloatLiteral.TryRead(text, FloatFormat.F64));

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("0x1p")]
    [InlineData("0x.8")]
    [InlineData("1._5")]
    [InlineData("1.5_")]
    [InlineData("1e1_")]
    [InlineData("1.5f")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("nan:0x0")]
    [InlineData("nan:0x800000")]
    [InlineData("nan:1")]
    [InlineData("nan:canonical")]
    [InlineData("1e39")]
    [InlineData("3.40282357e38")]
    [InlineData("0x1p128")]
    [InlineData("0x1.ffffffp127")]
    [InlineData("0x1p999999999999")]
    public void Numbers_out_of_form_or_range_are_refused(string text) => Assert.Null(FloatLiteral.TryRead(text, FloatFormat.F32));

    [Fact]
    public void Random_numbers_are_read_back_from_decimal_and_hexadecimal()
    {
        var random = new Random(20_180_207);
        for (var i = 0; i < 20_000; i++)
        {
            var bits = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            var number = BitConverter.UInt64BitsToDouble(bits);
            if (!double.IsFinite(number)) continue;
            Assert.Equal(bits, FloatLiteral.TryRead(number.ToString("R", CultureInfo.InvariantCulture), FloatFormat.F64));
            Assert.Equal(bits, FloatLiteral.TryRead(Hexadecimal(bits), FloatFormat.F64));
            // 53 bits rounded to 24, as the machine does it.
            var narrow = (float)number;
            var expected = float.IsFinite(narrow) ? BitConverter.SingleToUInt32Bits(narrow) : (ulong?)null;
            Assert.Equal(expected, FloatLiteral.TryRead(Hexadecimal(bits), FloatFormat.F32));
        }
    }

    /// <summary>A finite number of 64 bits, its mantissa as an integer.</summary>
    private static string Hexadecimal(ulong bits)
    {
        var exponent = (int)(bits >> 52) & 0x7ff;
        var mantissa = (bits & ((1UL << 52) - 1)) | (exponent == 0 ? 0 : 1UL << 52);
        return string.Create(CultureInfo.InvariantCulture, $"{(bits >> 63 == 1 ? "-" : "")}0x{mantissa:x}p{Math.Max(exponent, 1) - 1075}");
    }
}
