using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>The functions of the composed module: those of the parts, and one that starts it if that takes more than one of theirs.</summary>
internal sealed class CodeAssembly(IndexAssignment indices, StartFunction start, int startType)
{
    private readonly IReadOnlyList<Item> _functions = indices.DefinitionsOf(ExternalKind.Function);

    /// <summary>The types of the defined functions, by their numbers.</summary>
    public IReadOnlyList<int> Types =>
        [.. _functions.Select(f => f.Part.Map(IndexSpace.Type)[f.Part.Description.Functions[f.Index].TypeIndex]), .. start.IsNew ? [startType] : Array.Empty<int>()];

    /// <summary>The index of the function that starts the module.</summary>
    public int StartIndex => start.Existing ?? indices.CountOf(ExternalKind.Function);

    /// <summary>Whether the function that starts the module is none of the parts'.</summary>
    public bool HasOwnStart => start.IsNew;

    /// <summary>The functions that code refers to, known after <see cref="Bodies"/>.</summary>
    public SortedSet<int> ReferredFunctions { get; } = [];

    /// <summary>The content of the code section; empty without functions.</summary>
    public ReadOnlyMemory<byte> Bodies()
    {
        var count = _functions.Count + (start.IsNew ? 1 : 0);
        if (count == 0) return default;
        var section = new BinaryBuffer(1 << 16).U32((uint)count);
        foreach (var function in _functions)
        {
            var description = function.Part.Description.Functions[function.Index];
            var body = new BinaryBuffer(description.BodySize + 16);
            var rewriter = new InstructionRewriter(function.Part, body);
            rewriter.RewriteBody(description);
            ReferredFunctions.UnionWith(rewriter.ReferredFunctions);
            section.U32((uint)body.Length).Bytes(body.Written.Span);
        }
        if (!start.IsNew) return section.Written;
        var startBody = start.Body();
        ReferredFunctions.UnionWith(start.ReferredFunctions);
        section.U32((uint)startBody.Length).Bytes(startBody.Written.Span);
        return section.Written;
    }
}
