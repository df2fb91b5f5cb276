using AkkaWasm.Mesh.Topics;
using FsCheck;
using FsCheck.Fluent;

namespace AkkaWasm.Mesh.Tests.Topics;

public sealed class AgentNameTests
{
    private static readonly Arbitrary<string> Keys = (
        from characters in Gen.Elements("a", "Z", "-", "_", ".", "/", "%", " ", "ü", "地", "🌋", "\n", ">").NonEmptyListOf()
        select string.Concat(characters)).ToArbitrary();

    [Fact]
    public void Any_key_becomes_one_token_and_comes_back_from_the_name_and_from_the_private_topic() => Prop.ForAll(Keys, key =>
    {
        var name = AgentName.OfKey("family", key);
        return TopicName.IsToken(TopicName.Encode(key))
            && TopicName.Check(AgentName.Inbox(name)) is null
            && AgentName.TrySplit(name, out var family, out var back) && (family, back) == ("family", key)
            && AgentName.TryInbox(AgentName.Inbox(name), out var definition, out var encoded) && $"{definition}/{encoded}" == name
            && AgentName.Canonical(name) == name;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Different_keys_have_different_names() => Prop.ForAll(Keys, Keys, (one, other) =>
        (one == other) == (AgentName.OfKey("f", one) == AgentName.OfKey("f", other))).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("f/a b", "f/a%20b")]
    [InlineData("f/a%20b", "f/a%20b")]
    [InlineData("f/100%", "f/100%25")]
    [InlineData("f/", "f/")]
    [InlineData("/k", "/k")]
    public void A_name_has_one_way_to_be_written(string given, string canonical) => Assert.Equal(canonical, AgentName.Canonical(given));

    [Fact]
    public void Topics_of_an_agent_are_built_from_its_name()
    {
        Assert.Equal("mesh.inbox.m.a%2Eb", AgentName.Inbox("m/a%2Eb"));
        Assert.Equal("mesh.agent.m.k.started", AgentName.Lifecycle("m/k", "started"));
        Assert.Equal("mesh.deadletter.plain", AgentName.DeadLetter("plain"));
        Assert.Equal("mesh.health.m.k", AgentName.Health("m/k"));
        Assert.False(AgentName.TryInbox("mesh.agent.x", out _, out _));
    }
}
