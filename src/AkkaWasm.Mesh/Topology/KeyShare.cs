using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// A share of the agents of a family: those whose names, in UTF-8 under XxHash64 with a seed, modulo 10,000, are below it. Whoever comes to be later falls
/// in it or not by the same rule. Part of the log's format.
/// </summary>
/// <param name="BasisPoints">How large it is, 1 to <see cref="All"/> hundredths of a percent.</param>
/// <param name="Seed">What makes the shares of two changes fall on other agents.</param>
public sealed record KeyShare(int BasisPoints, long Seed)
{
    /// <summary>All of them: 10,000 basis points.</summary>
    public const int All = 10_000;

    private const int BytesOnStack = 512;

    /// <summary>Whether an agent is in it.</summary>
    /// <param name="agent">Name of the agent, with its key.</param>
    public bool Includes(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var most = Encoding.UTF8.GetMaxByteCount(agent.Length);
        var bytes = most <= BytesOnStack ? stackalloc byte[BytesOnStack] : new byte[most];
        return XxHash64.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(agent, bytes)], Seed) % All < (ulong)BasisPoints;
    }

    /// <summary>How large it is, as people write it: <c>2.5%</c>.</summary>
    public string Text => TextOf(BasisPoints);

    /// <summary>A share of so many hundredths of a percent, as people write it.</summary>
    public static string TextOf(int basisPoints) => FormattableString.Invariant($"{basisPoints / 100.0:0.##}%");

    /// <summary>Reads a share as people write it, <c>10%</c> or <c>0.5 %</c>. Hundredths of a percent are the smallest parts that there are.</summary>
    /// <param name="text">The text.</param>
    /// <param name="basisPoints">How large it is, 1 to <see cref="All"/> hundredths of a percent.</param>
    public static bool TryParse(string text, out int basisPoints)
    {
        ArgumentNullException.ThrowIfNull(text);
        var number = text.EndsWith('%') ? text[..^1].TrimEnd() : "";
        var isShare = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100 && decimal.IsInteger(percent * 100);
        basisPoints = isShare ? (int)(percent * 100) : 0;
        return isShare;
    }
}

/// <summary>The agents of a family that are in a share of it, or the rest of them.</summary>
/// <param name="Share">The share.</param>
/// <param name="IsRest">Whether it is those that are not in the share.</param>
public sealed record AgentPart(KeyShare Share, bool IsRest)
{
    /// <summary>Whether an agent of the family belongs to it.</summary>
    /// <param name="agent">Name of the agent, with its key.</param>
    public bool Includes(string agent) => Share.Includes(agent) != IsRest;

    /// <summary>In words: <c>10% of the agents</c>, <c>all but 10% of the agents</c>.</summary>
    public string Text => $"{(IsRest ? "all but " : "")}{Share.Text} of the agents";
}

/// <summary>A version of a family's definition that is tried on a share of its agents.</summary>
/// <param name="Share">Who is under it.</param>
/// <param name="Definition">The version.</param>
public sealed record CanaryDefinition(KeyShare Share, AgentDefinition Definition);
