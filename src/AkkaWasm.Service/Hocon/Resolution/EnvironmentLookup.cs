using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Resolution;

/// <summary>Answers a substitution from the environment: always a string, or a list of strings for <c>${NAME[]}</c>.</summary>
internal static class EnvironmentLookup
{
    public static SyntaxNode? Find(SubstitutionNode node, Func<string, string?> environment, WorkMeter steps)
    {
        string name = string.Join('.', node.Path);
        if (name.Length == 0 || name.Contains('\0') || name.Contains('='))
            return null;
        return node.IsList ? FindList(node, name, environment, steps) : Find(name, environment);
    }

    private static ScalarNode? Find(string name, Func<string, string?> environment) =>
        environment(name) is { } value ? new ScalarNode(HoconScalar.String(HoconOrigin.OfEnvironmentVariable(name), value)) : null;

    private static ListNode? FindList(SubstitutionNode node, string name, Func<string, string?> environment, WorkMeter steps)
    {
        List<SyntaxNode> items = [];
        while (Find($"{name}_{items.Count}", environment) is { } item)
        {
            steps.Charge(1, node.Origin);
            items.Add(item);
        }
        return items.Count == 0 ? null : new ListNode(HoconOrigin.OfEnvironmentVariable($"{name}_0"), items);
    }
}
