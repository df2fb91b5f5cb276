using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Composition;

/// <summary>Puts globals behind those that their initial values read.</summary>
internal sealed class GlobalOrder(ImportResolver resolver)
{
    private readonly List<Item> _sorted = [];
    private readonly HashSet<Item> _done = [];
    private readonly HashSet<Item> _begun = [];

    /// <exception cref="ModuleRefusedException">A value depends on itself.</exception>
    public List<Item> Sort(IEnumerable<Item> defined)
    {
        foreach (var item in defined) Visit(item);
        return _sorted;
    }

    /// <summary>The globals of a part that the instructions in a range of its file read.</summary>
    public static HashSet<int> ReadBy(Part part, Range range)
    {
        var read = new HashSet<int>();
        new InstructionRewriter(part, new Weaving.BinaryBuffer(), (space, index) =>
        {
            if (space == IndexSpace.Global) read.Add(index);
            return index;
        }).Rewrite(range);
        return read;
    }

    /// <summary>Not by recursion: chains of globals may be long.</summary>
    private void Visit(Item first)
    {
        var stack = new Stack<Item>([first]);
        while (stack.TryPeek(out var item))
        {
            if (_done.Contains(item))
            {
                stack.Pop();
                continue;
            }
            var needed = ReadBy(item.Part, item.Part.Description.GlobalLayouts[item.Index])
                .Select(i => resolver.OriginOf(new Item(item.Part, ExternalKind.Global, i))).Where(o => o.Import is null && !_done.Contains(o)).ToList();
            if (needed.Count == 0)
            {
                stack.Pop();
                _done.Add(item);
                _sorted.Add(item);
                continue;
            }
            if (!_begun.Add(item))
                throw item.Part.Refusal($"the initial value of global {item.Index} depends, through other parts, on itself; give one of the globals a constant.");
            needed.ForEach(stack.Push);
        }
    }
}
