using AkkaWasm.Mesh.Topics;
using FsCheck;
using FsCheck.Fluent;

namespace AkkaWasm.Mesh.Tests.Topics;

public sealed class TopicPatternTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(5_000);

    /// <summary>Few tokens, so that patterns and topics meet often.</summary>
    private static readonly Gen<string> Topic =
        from tokens in Gen.Elements("a", "b", "mesh", "agent").ListOf()
        where tokens.Count is > 0 and < 6
        select string.Join('.', tokens);

    private static readonly Gen<string> Pattern =
        from tokens in Gen.Elements("a", "b", "mesh", "agent", "*", "*").ListOf()
        from tail in Gen.Elements(true, false)
        where tokens.Count + (tail ? 1 : 0) is > 0 and < 6
        select string.Join('.', tail ? tokens.Append(">") : tokens);

    [Theory]
    [InlineData("a.b", "a.b", true)]
    [InlineData("a.b", "a.c", false)]
    [InlineData("a.*", "*.b", true)]
    [InlineData("a.>", "a", false)]
    [InlineData("a.>", "*.b.c", true)]
    [InlineData(">", "a.b", true)]
    [InlineData("a.*", "a.b.c", false)]
    public void Patterns_overlap_where_a_topic_matches_both(string one, string other, bool expected)
    {
        Assert.Equal(expected, TopicPattern.Parse(one).Overlaps(TopicPattern.Parse(other)));
        Assert.Equal(expected, TopicPattern.Parse(other).Overlaps(TopicPattern.Parse(one)));
    }

    [Theory]
    [InlineData("a.*.c", "a.b.c", true)]
    [InlineData("a.*", "a.b.c", false)]
    [InlineData("a.>", "a.b.c", true)]
    [InlineData("a.>", "a", false)]
    [InlineData(">", "a", true)]
    [InlineData("*", "a.b", false)]
    [InlineData(">", "mesh.agent.x", false)]
    [InlineData("*.agent.x", "mesh.agent.x", false)]
    [InlineData("mesh.>", "mesh.agent.x", true)]
    [InlineData("mesh.*.x", "mesh.agent.x", true)]
    [InlineData("*.mesh", "a.mesh", true)]
    public void A_star_is_one_token_and_a_final_angle_the_rest(string pattern, string topic, bool matches)
    {
        Assert.Equal(matches, TopicPattern.Parse(pattern).Matches(topic));
        Assert.Equal(matches, NaiveTopics.Matches(pattern, topic));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a.>.b")]
    [InlineData("a*")]
    [InlineData(">>")]
    [InlineData("a.")]
    public void An_illegal_pattern_is_refused_with_the_reason(string pattern)
    {
        Assert.Equal(TopicPattern.Check(pattern), Assert.Throws<FormatException>(() => TopicPattern.Parse(pattern)).Message);
        Assert.Contains($"'{pattern}'", TopicPattern.Check(pattern));
    }

    [Fact]
    public void The_matcher_agrees_with_the_naive_one() => Prop
        .ForAll(Pattern.ToArbitrary(), Topic.ToArbitrary(), (pattern, topic) => TopicPattern.Parse(pattern).Matches(topic) == NaiveTopics.Matches(pattern, topic))
        .Check(Many);

    [Fact]
    public void The_router_finds_what_the_naive_matcher_finds_for_each_pattern_once_and_in_order() => Prop
        .ForAll(Pattern.ListOf().ToArbitrary(), Topic.ToArbitrary(), (patterns, topic) =>
        {
            var router = new TopicRouter();
            for (var i = 0; i < patterns.Count; i++) router.Add(TopicPattern.Parse(patterns[i]), i / 2);
            var expected = patterns.Select((p, i) => (p, i)).Where(x => NaiveTopics.Matches(x.p, topic)).Select(x => x.i / 2).Distinct().ToArray();
            return router.Match(topic).SequenceEqual(expected) && router.Match(topic).SequenceEqual(expected);
        })
        .Check(Many);

    [Fact]
    public void A_router_forgets_its_answers_when_subscriptions_change()
    {
        var router = new TopicRouter();
        router.Add(TopicPattern.Parse("a.*"), 3);
        Assert.Equal([3], router.Match("a.b"));
        router.Add(TopicPattern.Parse(">"), 1);
        Assert.Equal([1, 3], router.Match("a.b"));
        router.Clear();
        Assert.Empty(router.Match("a.b"));
    }
}
