using System.Text;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class LimitTests
{
    private const int Many = 100_000;

    private static readonly HoconReaderOptions Smaller = new() { Limits = HoconLimits.Default with { MaxValues = 50_000, MaxResolveSteps = 500_000, MaxStringChars = 1_000_000 } };

    public static TheoryData<string, string> TooMuch => new()
    {
        { "MaxDepth", "a = " + new string('[', Many) },
        { "MaxDepth", "a = " + new string('[', Many) + new string(']', Many) },
        { "MaxDepth", string.Concat(Enumerable.Repeat("a{", Many)) },
        { "MaxDepth", "{" + string.Concat(Enumerable.Repeat("a=[{", Many)) },
        { "MaxDepth", string.Join('.', Enumerable.Repeat("a", Many)) + " = 1" },
        { "MaxDepth", "a = ${" + string.Join('.', Enumerable.Repeat("a", Many)) + "}" },
        { "MaxDepth", string.Concat(Enumerable.Repeat("a += [{", Many)) },
        { "MaxDepth", string.Concat(Enumerable.Range(0, 300).Select(level => $"v{level} {{ x = ${{v{level + 1}}} }}\n")) + "v300 = 1" },
        { "MaxDepth", string.Concat(Enumerable.Range(0, 300).Select(level => $"v{level} = [${{?v{level - 1}}}]\n")) },
        { "MaxSubstitutionDepth", string.Concat(Enumerable.Range(0, 20_000).Select(level => $"v{level} = ${{v{level + 1}}}\n")) },
        { "MaxSubstitutionDepth", "a = 1\n" + string.Concat(Enumerable.Repeat("a = ${a}x\n", 600)) },
        { "MaxValues", string.Concat(Enumerable.Range(0, 30).Select(level => $"v{level} {{ x = ${{v{level + 1}}}, y = ${{v{level + 1}}} }}\n")) + "v30 = 1" },
        { "MaxValues", "a = [" + string.Concat(Enumerable.Repeat("1,", 50_001)) + "]" },
        { "MaxStringChars", "v0 = xxxxxxxxxx\n" + string.Concat(Enumerable.Range(1, 40).Select(level => $"v{level} = ${{v{level - 1}}}${{v{level - 1}}}\n")) },
        { "MaxValues", "v0 = [1]\n" + string.Concat(Enumerable.Range(1, 40).Select(level => $"v{level} = ${{v{level - 1}}}${{v{level - 1}}}\n")) },
        { "MaxResolveSteps", "o {" + string.Concat(Enumerable.Range(0, 10_000).Select(key => $"k{key}=1,")) + "}\n" + string.Concat(Enumerable.Range(0, 10_000).Select(key => $"a{key} = ${{o}} {{z = 1}}\n")) },
        { "MaxResolveSteps", "z{}\n" + string.Concat(Enumerable.Repeat("a = ${?z}\n", 5_000)) + string.Concat(Enumerable.Repeat("b = ${?a.c}\n", 5_000)) },
        { "MaxFileBytes", new string(' ', (8 * 1024 * 1024) + 1) },
    };

    [Theory]
    [MemberData(nameof(TooMuch))]
    public void Input_that_would_cost_too_much_is_refused_by_the_name_of_the_limit(string limit, string text) =>
        Assert.Contains($"({limit})", Conf.Refused(text, Smaller).Problem);

    [Fact]
    public void Large_input_within_the_limits_is_read()
    {
        StringBuilder text = new();
        for (int key = 0; key < Many; key++)
            text.Append("a.k").Append(key).Append(" = 1\nl += 2\n");
        HoconCursor root = Conf.Cursor(text.ToString());
        Assert.Equal(Many, root.At("a").Entries().Count);
        Assert.Equal(Many, root.At("l").AsList().Count);
        string nested = new string('[', 199) + new string(']', 199);
        Assert.Equal(198, ((HoconList)Conf.Resolve($"a = {nested}").Find("a")!.Value).Depth);
    }

    [Fact]
    public void A_deep_but_allowed_chain_resolves_on_a_small_stack()
    {
        string text = string.Concat(Enumerable.Range(0, 499).Select(level => $"v{level} = ${{v{level + 1}}}\n")) + "v499 = 1";
        HoconException? error = null;
        HoconObject? root = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    root = Conf.Resolve(text);
                }
                catch (HoconException refused)
                {
                    error = refused;
                }
            },
            maxStackSize: 256 * 1024);
        thread.Start();
        thread.Join();
        Assert.True(root is not null || error!.Problem.Contains("MaxSubstitutionDepth", StringComparison.Ordinal));
        Assert.Equal(1, Conf.Cursor(text).At("v0").AsInt());
    }
}
