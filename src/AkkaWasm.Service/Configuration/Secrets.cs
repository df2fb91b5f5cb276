using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>What is not printed: settings that would let a reader of a terminal or a log in.</summary>
internal static class Secrets
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Hidden = "(hidden)";

    private static readonly string[][] Paths =
    [
        [ConfigurationTree.RootKey, "http", "token"],
        [ConfigurationTree.RootKey, "data", "journal", "connection-string"],
        [ConfigurationTree.RootKey, "data", "snapshots", "connection-string"],
    ];

    /// <summary>The same tree with every secret that is set replaced.</summary>
    public static HoconObject Hide(HoconObject root) => Paths.Aggregate(root, (tree, path) => Hide(tree, path));

    private static HoconObject Hide(HoconObject tree, ReadOnlySpan<string> path)
    {
        if (tree.Find(path[0]) is not { } found || Hide(found.Value, path[1..]) is not { } hidden) return tree;
        return new HoconObject(tree.Origin, tree.Fields.Select(field => field == found ? field with { Value = hidden } : field));
    }

    private static HoconValue? Hide(HoconValue value, ReadOnlySpan<string> rest) => value switch
    {
        HoconObject fields when rest.Length > 0 => Hide(fields, rest),
        HoconScalar { Kind: not HoconKind.Null, Text.Length: > 0 } scalar when rest.Length == 0 => HoconScalar.String(scalar.Origin, Hidden),
        _ => null,
    };
}
