using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Tests.Topics;

public sealed class TopicNameTests
{
    public static TheoryData<string, string?> Topics => new()
    {
        { "quake", null }, { "quake.alaska.felt", null }, { "a-b_c.9", null }, { "Ünï.地震", null }, { "monitors.a%2Eb", null },
        { string.Join('.', Enumerable.Repeat("t", TopicName.MaxTokens)), null }, { new string('x', TopicName.MaxLength), null },
        { "", "the topic is empty" }, { ".", "empty token" }, { "a.", "ends with a dot" }, { ".a", "empty token" }, { "a..b", "empty token" },
        { "a b", "illegal character" }, { "a.*", "illegal character" }, { "a.>", "illegal character" }, { "a/b", "illegal character" }, { "a\tb", "illegal character" },
        { "a\u0000", "illegal character" }, { "a\u00a0b", "illegal character" },
        { string.Join('.', Enumerable.Repeat("t", TopicName.MaxTokens + 1)), "at most 32 are allowed" }, { new string('x', TopicName.MaxLength + 1), "at most 500 are allowed" },
    };

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_topic_is_tokens_joined_by_dots(string topic, string? problem)
    {
        if (problem is null) Assert.Null(TopicName.Check(topic));
        else Assert.Contains(problem, TopicName.Check(topic));
    }

    [Theory]
    [InlineData("mesh", true)]
    [InlineData("mesh.agent.x", true)]
    [InlineData("meshes.agent", false)]
    [InlineData("a.mesh", false)]
    public void Topics_under_mesh_are_reserved(string topic, bool reserved) => Assert.Equal(reserved, TopicName.IsReserved(topic));

    [Theory]
    [InlineData("a", true)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("*", false)]
    public void A_name_is_one_token(string text, bool isToken) => Assert.Equal(isToken, TopicName.IsToken(text));

    [Theory]
    [InlineData(1, "a")]
    [InlineData(2, "bc")]
    [InlineData(3, "d")]
    [InlineData(4, null)]
    public void Tokens_are_counted_from_1(int number, string? token) => Assert.Equal(token, TopicName.Token("a.bc.d", number));
}
