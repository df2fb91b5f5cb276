namespace AkkaWasm.Mesh.Topics;

/// <summary>
/// A pattern over topics: <c>*</c> stands for one token, <c>&gt;</c> at the end for one or more. A leading wildcard never matches
/// what the mesh itself publishes under <c>mesh.</c>.
/// </summary>
public sealed class TopicPattern
{
    private readonly string[] tokens;
    private readonly bool tail;
    private readonly bool leadingWildcard;

    private TopicPattern(string text, string[] tokens, bool tail)
    {
        Text = text;
        this.tokens = tokens;
        this.tail = tail;
        leadingWildcard = tokens.Length == 0 || tokens[0] == "*";
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The tokens before a final <c>&gt;</c>.</summary>
    internal ReadOnlySpan<string> Tokens => tokens;

    /// <summary>Whether it ends with <c>&gt;</c>.</summary>
    internal bool HasTail => tail;

    /// <summary>Says what is wrong with a pattern.</summary>
    /// <returns>One sentence, or null for a legal pattern.</returns>
    public static string? Check(string text)
    {
        var parts = text.Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] == "*" || (parts[i] == ">" && i == parts.Length - 1)) continue;
            if (parts[i] == ">") return $"the pattern '{text}' has '>' before its end; '>' stands for the rest and comes last";
            if (TopicName.Check(parts[i]) is not null) return $"the pattern '{text}' has an illegal token '{parts[i]}'; a token is a name, '*' or a final '>'";
        }
        return parts.Length > TopicName.MaxTokens ? $"the pattern '{text}' has {parts.Length} tokens, at most {TopicName.MaxTokens} are allowed" : null;
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is not one; the message is that of <see cref="Check"/>.</exception>
    public static TopicPattern Parse(string text)
    {
        if (Check(text) is { } problem) throw new FormatException(problem);
        var parts = text.Split('.');
        return parts[^1] == ">" ? new TopicPattern(text, parts[..^1], true) : new TopicPattern(text, parts, false);
    }

    /// <summary>Whether the pattern stands for the topic.</summary>
    public bool Matches(string topic)
    {
        if (leadingWildcard && TopicName.IsReserved(topic)) return false;
        var rest = topic.AsSpan();
        foreach (var token in tokens)
        {
            if (rest.IsEmpty) return false;
            var dot = rest.IndexOf('.');
            var head = dot < 0 ? rest : rest[..dot];
            if (token != "*" && !head.SequenceEqual(token)) return false;
            rest = dot < 0 ? [] : rest[(dot + 1)..];
        }
        return tail ? !rest.IsEmpty : rest.IsEmpty;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Whether it matches every topic that another one matches.</summary>
    /// <param name="other">The other pattern.</param>
    public bool Covers(TopicPattern other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (leadingWildcard && !other.leadingWildcard && TopicName.IsReserved(other.tokens[0] + ".")) return false;
        for (var i = 0; i < tokens.Length; i++)
            if (i >= other.tokens.Length || (tokens[i] != "*" && tokens[i] != other.tokens[i])) return false;
        var rest = other.tokens.Length - tokens.Length;
        return tail ? rest > 0 || other.tail : rest == 0 && !other.tail;
    }

    /// <summary>Whether there is a topic that both match.</summary>
    /// <param name="other">The other pattern.</param>
    public bool Overlaps(TopicPattern other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (mine, theirs) = (Text.Split('.'), other.Text.Split('.'));
        for (var i = 0; i < Math.Min(mine.Length, theirs.Length); i++)
        {
            if (mine[i] == ">" || theirs[i] == ">") return true;
            if (mine[i] != "*" && theirs[i] != "*" && mine[i] != theirs[i]) return false;
        }
        return mine.Length == theirs.Length;
    }
}
