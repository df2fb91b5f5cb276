namespace AkkaWasm.Service.Hocon;

/// <summary>Finds what somebody who mistyped a name most likely meant.</summary>
internal static class NearestName
{
    private const int MaxNameChars = 100;

    /// <summary>The known name with the smallest distance, if it is near: at most a third of its length, at least 2.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxNameChars)
            return null;
        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in known.Where(candidate => candidate.Length <= MaxNameChars).Order(StringComparer.Ordinal))
        {
            int distance = Distance(name, candidate);
            if (distance < best && distance <= Math.Max(2, candidate.Length / 3) && distance < candidate.Length)
                (nearest, best) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary>
    /// Damerau-Levenshtein distance in its optimal-string-alignment form: characters inserted, removed or replaced, and
    /// neighbours swapped.
    /// </summary>
    public static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= to.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            for (int j = 1; j <= to.Length; j++)
            {
                int replace = cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[from.Length, to.Length];
    }
}
