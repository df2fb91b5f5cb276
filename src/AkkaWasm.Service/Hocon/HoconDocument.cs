using AkkaWasm.Service.Hocon.Resolution;
using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon;

/// <summary>
/// A configuration as read, with its substitutions still open, so that files can be laid over each other first:
/// <c>application.WithFallback(reference).Resolve()</c>.
/// </summary>
internal sealed class HoconDocument
{
    private readonly ObjectNode _root;
    private readonly HoconReaderOptions _options;

    internal HoconDocument(ObjectNode root, HoconReaderOptions options)
    {
        _root = root;
        _options = options;
    }

    /// <summary>
    /// This document over a lower one, as if the lower file's text stood before this one's: objects merge, other
    /// values hide what is below, and substitutions of either see the merged tree.
    /// </summary>
    public HoconDocument WithFallback(HoconDocument lower) =>
        new((ObjectNode)Layering.Over(_root, lower._root), _options);

    /// <summary>Resolves every substitution against the whole tree, then against the environment.</summary>
    /// <exception cref="HoconException">
    /// A required substitution has no value or is part of a cycle, values that do not fit are concatenated, or a limit is passed.
    /// </exception>
    public HoconObject Resolve() => new TreeBuilder(_root, _options).Build();
}
