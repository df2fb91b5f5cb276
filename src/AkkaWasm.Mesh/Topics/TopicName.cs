using System.Text;

namespace AkkaWasm.Mesh.Topics;

/// <summary>The grammar of topics: tokens joined by dots.</summary>
public static class TopicName
{
    /// <summary>Longest topic, characters.</summary>
    public const int MaxLength = 500;

    /// <summary>Most tokens in a topic.</summary>
    public const int MaxTokens = 32;

    /// <summary>Begins the topics that the mesh alone publishes to.</summary>
    public const string ReservedPrefix = "mesh.";

    /// <summary>Whether the mesh keeps the topic for itself.</summary>
    public static bool IsReserved(string topic) => topic.StartsWith(ReservedPrefix, StringComparison.Ordinal) || topic == "mesh";

    /// <summary>Says what is wrong with a topic.</summary>
    /// <returns>One sentence, or null for a legal topic.</returns>
    public static string? Check(string topic)
    {
        if (topic.Length == 0) return "the topic is empty";
        if (topic.Length > MaxLength) return $"the topic has {topic.Length} characters, at most {MaxLength} are allowed";
        var tokens = 1;
        var tokenStart = 0;
        for (var i = 0; i < topic.Length; i++)
        {
            if (topic[i] == '.')
            {
                if (i == tokenStart) return $"the topic '{topic}' has an empty token at character {i + 1}";
                tokens++;
                tokenStart = i + 1;
            }
            else if (!IsTokenCharacter(topic[i])) return $"the topic '{topic}' has an illegal character at {i + 1}; wildcards, blanks, '/' and control characters cannot stand in a topic";
        }
        if (tokenStart == topic.Length) return $"the topic '{topic}' ends with a dot";
        return tokens > MaxTokens ? $"the topic '{topic}' has {tokens} tokens, at most {MaxTokens} are allowed" : null;
    }

    /// <summary>Whether <paramref name="text"/> is one legal token: the name of a mesh, group or agent.</summary>
    public static bool IsToken(string text) => text.Length is > 0 and <= MaxLength && text.All(c => c != '.' && IsTokenCharacter(c));

    /// <summary>The token number <paramref name="number"/>, from 1.</summary>
    /// <returns>The token, or null if the topic has fewer.</returns>
    public static string? Token(string topic, int number)
    {
        var rest = topic.AsSpan();
        while (--number > 0)
        {
            var dot = rest.IndexOf('.');
            if (dot < 0) return null;
            rest = rest[(dot + 1)..];
        }
        var end = rest.IndexOf('.');
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    /// <summary>Writes any text as one token: all but letters, digits, <c>-</c> and <c>_</c> becomes <c>%XX</c> per UTF-8 byte.</summary>
    public static string Encode(string text)
    {
        if (text.Length > 0 && text.All(IsPlain)) return text;
        var encoded = new StringBuilder(text.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(text))
            if (b < 0x80 && IsPlain((char)b)) encoded.Append((char)b);
            else encoded.Append('%').Append(b.ToString("X2"));
        return encoded.Length == 0 ? "%" : encoded.ToString();
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static bool IsTokenCharacter(char c) => c is not ('*' or '>' or '/' or ' ') && !char.IsWhiteSpace(c) && !char.IsControl(c);
}
