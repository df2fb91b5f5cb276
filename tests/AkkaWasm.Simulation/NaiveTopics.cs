namespace AkkaWasm.Simulation;

/// <summary>The rules of patterns written down as directly as possible.</summary>
internal static class NaiveTopics
{
    public static bool Matches(string pattern, string topic)
    {
        var (p, t) = (pattern.Split('.'), topic.Split('.'));
        if (t[0] == "mesh" && (p[0] == "*" || p[0] == ">")) return false;
        return Matches(p, t);
    }

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> topic)
    {
        if (pattern.IsEmpty || topic.IsEmpty) return pattern.IsEmpty && topic.IsEmpty;
        if (pattern[0] == ">") return true;
        return (pattern[0] == "*" || pattern[0] == topic[0]) && Matches(pattern[1..], topic[1..]);
    }
}
