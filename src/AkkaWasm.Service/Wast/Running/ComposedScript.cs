using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>
/// Follows a script with its linked modules composed into one. Whenever a new instance has come, the instances that are linked with it, directly or through others, are composed anew and all that
/// was done to them is done again; every action then has to end as it did on the instances.
/// </summary>
internal sealed class ComposedScript(ScriptEngine engine) : IDisposable
{
    private readonly List<Member> members = [];
    private readonly Dictionary<int, Composed> composed = [];
    private readonly List<(int Number, ScriptAction Action)> done = [];

    /// <summary>How many actions ended alike.</summary>
    public int Compared { get; private set; }

    /// <summary>Takes an instance that was made.</summary>
    /// <param name="bytes">Its module.</param>
    /// <param name="module">What the module is.</param>
    /// <param name="links">By module name the numbers of the instances that serve its imports.</param>
    public void Add(ReadOnlyMemory<byte> bytes, ModuleDescription module, IReadOnlyDictionary<string, int> links)
    {
        var comesTooLate = ActsOnOthers(module) && done.Exists(d => links.Values.Any(n => members[n].Group == members[d.Number].Group));
        var number = members.Count;
        var group = links.Count == 0 ? number : links.Values.Min(n => members[n].Group);
        foreach (var old in links.Values.Select(n => members[n].Group).Distinct().ToList())
            foreach (var member in members.Where(m => m.Group == old)) member.Group = group;
        members.Add(new Member(bytes, links) { Group = group });
        Forget(group);
        // A composed module starts as a whole before anything else is done to it.
        if (comesTooLate) LoseGroup(group);
    }

    /// <summary>An instance could not be started; what it did to others no composed module does, so they are no longer followed.</summary>
    /// <param name="links">What it was linked to.</param>
    public void Lose(IReadOnlyDictionary<string, int> links)
    {
        foreach (var group in links.Values.Select(n => members[n].Group).Distinct()) LoseGroup(group);
    }

    /// <summary>A module that was refused for its imports must not be composed either, unless an import would remain.</summary>
    /// <exception cref="InvalidOperationException">It can be composed.</exception>
    public void MustBeRefused(ReadOnlyMemory<byte> bytes, IReadOnlyDictionary<string, int> links)
    {
        var parts = links.Values.Distinct().SelectMany(n => MembersOf(members[n].Group)).Distinct().Order().Select(PartOf).Append(new ModulePart("refused", bytes, "refused") { Links = Names(links) });
        try
        {
            var module = engine.Load(ModuleComposer.Compose([.. parts], new CompositionOptions { Main = "refused" }).Bytes.ToArray(), "composed");
            var remains = module.Description.Imports.Any(import => import.Module != Spectest.Printer);
            module.Dispose();
            if (!remains) throw new InvalidOperationException("the module was composed with those that it cannot be linked to");
        }
        catch (ModuleRefusedException)
        {
            Compared++;
        }
    }

    /// <summary>Compares what an action came to.</summary>
    /// <param name="number">The instance.</param>
    /// <param name="action">The action.</param>
    /// <param name="outcome">What it came to on the instance.</param>
    /// <exception cref="InvalidOperationException">On the composed module it comes to something else.</exception>
    public void Compare(int number, ScriptAction action, string outcome)
    {
        var group = members[number].Group;
        var linked = MembersOf(group).ToList();
        done.Add((number, action));
        if (linked.Count == 1 || linked.Exists(n => members[n].IsLost) || Find(group, linked) is not { } module) return;
        var other = module.Perform(number, action);
        if (other != outcome) throw new InvalidOperationException($"composed, it ends in {other} instead of {outcome}");
        Compared++;
    }

    public void Dispose()
    {
        foreach (var module in composed.Values) module.Dispose();
    }

    private IEnumerable<int> MembersOf(int group) => Enumerable.Range(0, members.Count).Where(n => members[n].Group == group);

    private Composed? Find(int group, List<int> linked)
    {
        if (composed.TryGetValue(group, out var known)) return known;
        ComposedModule bytes;
        try
        {
            bytes = ModuleComposer.Compose([.. linked.Select(PartOf)], new CompositionOptions { Main = NameOf(linked[^1]), ExportsAllParts = true, MaxParts = int.MaxValue });
        }
        catch (ModuleRefusedException e) when (e.Message.Contains("pages", StringComparison.Ordinal) || e.Message.Contains("elements", StringComparison.Ordinal))
        {
            // A memory or table that grew while the script ran: what the parts declare does not fit.
            LoseGroup(group);
            return null;
        }
        var module = composed[group] = new Composed(engine, bytes, linked[^1]);
        foreach (var (number, action) in done.SkipLast(1).Where(d => members[d.Number].Group == group)) module.Perform(number, action);
        return module;
    }

    /// <summary>Whether instantiating it, and starting it, can change what others hold.</summary>
    private static bool ActsOnOthers(ModuleDescription module) => module.StartFunction is not null
        || module.Elements.Any(e => e.Mode == SegmentMode.Active && module.Tables[e.Table].Import is not null)
        || module.Data.Any(d => d.Mode == SegmentMode.Active && module.Memories[d.Memory].Import is not null);

    private void LoseGroup(int group)
    {
        Forget(group);
        foreach (var number in MembersOf(group)) members[number].IsLost = true;
    }

    private void Forget(int group)
    {
        if (composed.Remove(group, out var old)) old.Dispose();
    }

    private ModulePart PartOf(int number) => new(NameOf(number), members[number].Bytes, NameOf(number)) { Links = Names(members[number].Links) };

    private static Dictionary<string, string> Names(IReadOnlyDictionary<string, int> links) => links.ToDictionary(link => link.Key, link => NameOf(link.Value));

    private static string NameOf(int number) => $"i{number}";

    private sealed class Member(ReadOnlyMemory<byte> bytes, IReadOnlyDictionary<string, int> links)
    {
        public ReadOnlyMemory<byte> Bytes { get; } = bytes;

        public IReadOnlyDictionary<string, int> Links { get; } = links;

        /// <summary>The least number of the instances that are linked with it.</summary>
        public int Group { get; set; }

        public bool IsLost { get; set; }
    }

    /// <summary>A composed module and its instance.</summary>
    private sealed class Composed : IDisposable
    {
        private readonly WasmModule module;
        private readonly WasmStore store;
        private readonly int main;

        public Composed(ScriptEngine engine, ComposedModule bytes, int main)
        {
            this.main = main;
            module = engine.Load(bytes.Bytes.ToArray(), "composed");
            store = engine.NewStore();
            store.Instantiate(module, new WasmImports(engine.SpectestFunctions));
            ScriptEngine.StartDeadline(store);
            store.Instances[0].RunStart();
        }

        public string Perform(int number, ScriptAction action)
        {
            ScriptEngine.StartDeadline(store);
            var export = number == main ? action.Export : $"{NameOf(number)}.{action.Export}";
            return Outcome(store.Instances[0], action, export);
        }

        public void Dispose()
        {
            store.Dispose();
            module.Dispose();
        }
    }

    /// <summary>What an action comes to, in words that can be compared; objects and functions by their kind only.</summary>
    private static string Outcome(WasmInstance instance, ScriptAction action, string export)
    {
        try
        {
            return action is InvokeAction invoke ? Show(instance.GetFunction(export)!.Invoke(invoke.Arguments)) : Show([instance.GetGlobal(export)!.Value]);
        }
        catch (WasmTrapException trap)
        {
            return $"{trap.Code}";
        }
    }

    /// <summary>Results in words that can be compared.</summary>
    public static string Show(IEnumerable<WasmValue> values) =>
        string.Join(' ', values.Select(v => v.Kind != WasmValueKind.Reference || v.ReferenceKind is ReferenceKind.I31 or ReferenceKind.Host ? $"{v.Kind} {v}" : $"{v.ReferenceKind}"));
}
