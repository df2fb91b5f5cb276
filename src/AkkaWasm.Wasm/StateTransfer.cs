using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <summary>
/// Puts the state of an instance into one of another module. That both mean the same by it, modules cannot show: whoever asks for it has to know. What can
/// be seen is checked. Memories, changeable globals, tables of objects and the objects themselves are those of the state; functions are those of the new
/// module, and so are the bytes of memory with which it begins otherwise than the old one: its constants.
/// </summary>
public static class StateTransfer
{
    /// <summary>Why a state cannot be put into another module, as far as the modules tell; null if it can.</summary>
    /// <param name="from">The module that the state is of.</param>
    /// <param name="to">The other.</param>
    public static string? WhyNot(WasmModule from, WasmModule to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var (was, becomes) = (from.Description, to.Description);
        if (was.Memories.Count > becomes.Memories.Count) return $"it has {becomes.Memories.Count} memories, the old module {was.Memories.Count}";
        for (var i = 0; i < was.Memories.Count; i++)
        {
            if (was.Memories[i].Is64 != becomes.Memories[i].Is64) return $"the addresses of memory {i} have another width";
            if (from.State.Memories[i].IsScratch != to.State.Memories[i].IsScratch) return $"memory {i} is a scratch memory in one of the modules only";
        }
        if (Globals(from).Zip(Globals(to)).Select((pair, i) => (pair.First, pair.Second, i)).FirstOrDefault(p => p.First != p.Second) is { First: { } first } differs)
            return $"changeable global {differs.i} is {first} in the old module and {differs.Second} in the new one";
        if (Globals(from).Count() > Globals(to).Count()) return $"it has {Globals(to).Count()} changeable globals, the old module {Globals(from).Count()}";
        if (!Tables(from).SequenceEqual(Tables(to))) return $"its tables that can change are [{string.Join(", ", Tables(to))}], those of the old module [{string.Join(", ", Tables(from))}]";
        if (from.State.ObjectSegments.Length != to.State.ObjectSegments.Length) return "it has other element segments of objects";
        if (!was.Types.Any(IsObject)) return null;
        if (!Objects(was).SequenceEqual(Objects(becomes))) return "it has other types of objects, or in another order";
        return was.Types.Any(t => IsObject(t) && t.Fields.Any(f => f.Storage.IsReference && was.IsFunction(f.Storage.Heap)))
            ? "its objects may refer to functions, which cannot be told from one module to the other"
            : null;
    }

    /// <summary>Brings a fresh instance, in which nothing was run, into a state of another module.</summary>
    /// <param name="fresh">The instance, alone in its store.</param>
    /// <param name="state">The state.</param>
    /// <param name="before">A fresh instance of the module that the state is of, alone in its store.</param>
    /// <exception cref="ArgumentException">The state does not fit.</exception>
    /// <exception cref="WasmEngineException">The state needs more than the limits, or than the host has.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    public static void TakeOver(WasmInstance fresh, WasmSnapshot state, WasmInstance before)
    {
        ArgumentNullException.ThrowIfNull(fresh);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(before);
        if (state.Modules is not [var module] || module.ContentHash != before.Module.ContentHash) throw new ArgumentException("The state is not one of the old module.", nameof(state));
        if (WhyNot(before.Module, fresh.Module) is { } problem) throw new ArgumentException($"The state cannot be put into {fresh.Module.File}: {problem}.", nameof(state));
        var (was, begins) = (before.Capture(), fresh.Capture());
        var items = Items(fresh, before, state.Items, was.Items, begins.Items);
        var memories = begins.Memories.ToArray();
        for (var i = 0; i < state.Memories.Length; i++) memories[i] = state.Memories[i] with { SizeBytes = Math.Max(state.Memories[i].SizeBytes, begins.Memories[i].SizeBytes) };
        fresh.Restore(new WasmSnapshot(begins.Modules, memories, items));
        for (var i = 0; i < state.Memories.Length; i++) WriteConstants(fresh.GetMemory(i), was.Memories[i], begins.Memories[i]);
    }

    private static IEnumerable<string> Globals(WasmModule module) =>
        module.State.Globals.Select(g => module.Description.Globals[g.Index]).Where(g => g.IsMutable).Select(g => g.Type.ToString());

    private static IEnumerable<string> Tables(WasmModule module) => module.State.Tables.Select(t => module.Description.Tables[t.Index].ElementType.ToString());

    private static bool IsObject(TypeDefinition type) => type.Kind != CompositeKind.Function;

    private static IEnumerable<string> Objects(ModuleDescription module) =>
        module.Types.Where(IsObject).Select(t => $"{t.Index} {t} {t.IsFinal} {string.Join(' ', t.Supertypes)}");

    private static ItemImage Items(WasmInstance fresh, WasmInstance before, ItemImage state, ItemImage was, ItemImage begins)
    {
        var (old, first, next, description) = (state.Instances[0], was.Instances[0], begins.Instances[0], fresh.Module.Description);
        if (old.DroppedSegments.Length != next.DroppedSegments.Length && old.DroppedSegments.Contains(true))
            throw new ArgumentException($"The state has dropped segments, and {fresh.Module.File} has {next.DroppedSegments.Length} of them instead of {old.DroppedSegments.Length}.");
        var globals = next.Globals.ToArray();
        var mutable = Enumerable.Range(0, globals.Length).Where(i => description.Globals[globals[i].Index].IsMutable).ToArray();
        var theirs = old.Globals.Where(g => before.Module.Description.Globals[g.Index].IsMutable).ToList();
        for (var i = 0; i < theirs.Count; i++)
        {
            var at = mutable[i];
            if (!IsFunction(description.Globals[globals[at].Index].Type)) globals[at] = globals[at] with { Bits = theirs[i].Bits };
            else RequireSame(state, theirs[i].Bits, was, first.Globals.First(g => g.Index == theirs[i].Index).Bits, "a global");
        }
        var tables = next.Tables.ToArray();
        for (var i = 0; i < tables.Length; i++)
        {
            if (!IsFunction(description.Tables[tables[i].Index].ElementType))
            {
                tables[i] = tables[i] with { Elements = old.Tables[i].Elements };
                continue;
            }
            if (old.Tables[i].Elements.Length != first.Tables[i].Elements.Length) throw Changed("a table");
            for (var j = 0; j < old.Tables[i].Elements.Length; j++) RequireSame(state, old.Tables[i].Elements[j], was, first.Tables[i].Elements[j], "a table");
        }
        var dropped = old.DroppedSegments.Length == next.DroppedSegments.Length ? old.DroppedSegments : next.DroppedSegments;
        return new ItemImage([new InstanceItems(globals, tables, dropped, old.ObjectSegments)], begins.Functions, state.Heap);

        bool IsFunction(WasmValueType type) => type.IsReference && description.IsFunction(type.Heap);
    }

    private static void RequireSame(ItemImage state, UInt128 code, ItemImage was, UInt128 first, string where)
    {
        if (NameOf(state, code) != NameOf(was, first)) throw Changed(where);
    }

    private static FunctionName? NameOf(ItemImage image, UInt128 code) => code == 0 ? null : image.Functions[(int)code - 1];

    private static ArgumentException Changed(string where) =>
        new($"The state has put a function into {where} since it began; which function of the new module that would be cannot be told.");

    /// <summary>Where the two modules begin with other bytes, the new one's are constants of it.</summary>
    private static void WriteConstants(MemoryView memory, MemoryImage was, MemoryImage begins)
    {
        var numbers = begins.PagesNotIn(was).Concat(was.PagesNotIn(begins)).Select(p => p.Number).Distinct();
        var (old, now) = (was.Pages.ToDictionary(p => p.Number, p => p.Contents), begins.Pages.ToDictionary(p => p.Number, p => p.Contents));
        var zeros = new byte[PageBlock.PageBytes];
        foreach (var number in numbers)
        {
            var a = old.TryGetValue(number, out var before) ? before.Span : zeros;
            var b = now.TryGetValue(number, out var after) ? after.Span : zeros;
            for (var i = 0; i < b.Length; i++)
                if (a[i] != b[i]) memory.Write((number * (ulong)PageBlock.PageBytes) + (ulong)i, b.Slice(i, 1));
        }
    }
}
