using System.Text;

namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>Reads the path of a key or a substitution: quoted and unquoted pieces side by side, split at unquoted dots.</summary>
internal static class PathExpression
{
    /// <summary>Reads up to the first character that cannot belong to a path and leaves the source there.</summary>
    public static IReadOnlyList<string> Read(SourceText source, int maxElements)
    {
        List<string> elements = [];
        StringBuilder element = new();
        HoconOrigin start = source.Here;
        bool hasQuoted = false, begun = false;
        while (true)
        {
            string whitespace = source.TakeWhitespace();
            bool quoted = source.Peek() == '"';
            if (!quoted && !source.AtUnquoted)
                break;
            if (begun)
                element.Append(whitespace);
            begun = true;
            if (quoted)
            {
                element.Append(Literals.ReadQuoted(source));
                hasQuoted = true;
                continue;
            }
            foreach (char c in Literals.ReadUnquoted(source))
            {
                if (c == '.')
                    EndElement();
                else
                    element.Append(c);
            }
        }
        if (!begun)
            throw new HoconException(
                $"a path is expected before {source.DescribeNext()}", start,
                "write a key such as a.b, in double quotes if it holds other characters");
        EndElement();
        return elements;

        void EndElement()
        {
            if (element.Length == 0 && !hasQuoted)
                throw new HoconException(
                    "the path begins or ends with a dot or has two dots in a row", start,
                    "remove the dot, or write an empty key as \"\"");
            elements.Add(element.ToString());
            if (elements.Count > maxElements)
                throw new HoconException($"the path has more than {maxElements} keys (MaxDepth)", start, "shorten it");
            element.Clear();
            hasQuoted = false;
        }
    }
}
