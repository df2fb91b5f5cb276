using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Two modules of the same types: the second imports what the first exports.</summary>
/// <param name="Exporter">The first, as text.</param>
/// <param name="Importer">The second, as text.</param>
internal sealed record ModulePair(string Exporter, string Importer)
{
    /// <summary>The module name of the imports.</summary>
    public const string ExporterName = "first";

    /// <summary>The pair of a seed.</summary>
    public static ModulePair Of(ulong seed)
    {
        var random = new SplitMix(seed);
        var types = new TypeGenerator(random);
        types.Generate();
        var first = new ModuleGenerator(random, types);
        var exporter = first.Generate(null);
        return new ModulePair(exporter, new ModuleGenerator(random, types).Generate(first));
    }
}

/// <summary>
/// Makes a module of all that WebAssembly 3.0 has: memories and tables of both widths, globals and tags of every type, segments of every mode, functions
/// that change all of it. Half of the items are exported, half are hidden. Each exported function <c>call0</c>, <c>call1</c>, … begins with fresh fuel.
/// </summary>
internal sealed class ModuleGenerator
{
    private const int FuelEach = 120;
    private readonly SplitMix _random;
    private readonly GuestItems _items;
    private readonly ConstantWriter _constants;
    private readonly List<string> _fields = [];

    /// <summary>Each exported item: its kind, its export name, its own text of the import, and how to add it to another module's items.</summary>
    private readonly List<(string Export, string Import, Action<GuestItems, string> AddTo)> _exports = [];

    public ModuleGenerator(SplitMix random, TypeGenerator types)
    {
        _random = random;
        _items = new GuestItems(types);
        _constants = new ConstantWriter(random, _items);
    }

    /// <summary>Writes the module.</summary>
    /// <param name="exporter">The generator whose module it imports from, or null.</param>
    public string Generate(ModuleGenerator? exporter)
    {
        _fields.Add(_items.Types.Text);
        if (exporter is not null) Import(exporter);
        var functions = DeclareFunctions();
        Tags();
        Memories();
        Globals();
        Tables();
        Segments();
        foreach (var function in functions) _fields.Add($"(func {function.Id} {new CodeWriter(_random, _items, function.Type).Function()})");
        Exports(functions);
        if (_random.Below(2) == 0) Start(functions);
        return $"(module\n{string.Join('\n', _fields)}\n)";
    }

    private void Import(ModuleGenerator exporter)
    {
        foreach (var (export, import, addTo) in exporter._exports.Where(_ => _random.Below(3) > 0))
        {
            var id = $"$i{export}";
            _fields.Add($"(import \"{ModulePair.ExporterName}\" \"{export}\" {import.Replace("$id", id, StringComparison.Ordinal)})");
            addTo(_items, id);
        }
    }

    /// <summary>Functions are known before all else, since references to them stand everywhere.</summary>
    private GuestFunction[] DeclareFunctions()
    {
        var types = _items.Types.Functions;
        var functions = Enumerable.Range(0, 4 + _random.Below(6)).Select(i => new GuestFunction($"$f{i}", types[_random.Below(types.Length)])).ToArray();
        _items.Functions.AddRange(functions);
        foreach (var function in functions.Where(_ => _random.Below(3) == 0))
            Export($"func{function.Id[1..]}", $"(func {function.Id})", $"(func $id (type {function.Type.Id}))", (items, id) => items.Functions.Add(new GuestFunction(id, function.Type)));
        return functions;
    }

    private void Tags()
    {
        for (var i = 0; i < 1 + _random.Below(3); i++)
        {
            var parameters = Enumerable.Range(0, _random.Below(3)).Select(_ => _items.Types.Value()).ToArray();
            var text = string.Concat(parameters.Select(p => $" (param {p.Name})"));
            var id = $"$e{i}";
            _fields.Add($"(tag {id}{text})");
            _items.Tags.Add(new GuestTag(id, parameters));
            Export($"tag{i}", $"(tag {id})", $"(tag $id{text})", (items, other) => items.Tags.Add(new GuestTag(other, parameters)));
        }
    }

    private void Memories()
    {
        for (var i = 0; i < _random.Below(3); i++)
        {
            var is64 = _random.Below(3) == 0;
            var type = $"{(is64 ? "i64 " : "")}{1 + _random.Below(2)} {4 + _random.Below(4)}";
            var id = $"$m{i}";
            _fields.Add($"(memory {id} {type})");
            _items.Memories.Add(new GuestMemory(id, is64));
            Export($"memory{i}", $"(memory {id})", $"(memory $id {type})", (items, other) => items.Memories.Add(new GuestMemory(other, is64)));
        }
    }

    private void Globals()
    {
        _fields.Add($"(global {CodeWriter.Fuel} (mut i32) (i32.const 0))");
        var types = Enumerable.Range(0, 6 + _random.Below(6)).Select(_ => _items.Types.Value()).Append(GuestType.Exn).ToArray();
        for (var i = 0; i < types.Length; i++)
        {
            var type = types[i];
            var isMutable = _random.Below(4) > 0;
            var text = isMutable ? $"(mut {type.Name})" : type.Name;
            var id = $"$g{i}";
            _fields.Add($"(global {id} {text} {_constants.Value(type, 3)})");
            _items.Globals.Add(new GuestGlobal(id, type, isMutable));
            Export($"global{i}", $"(global {id})", $"(global $id {text})", (items, other) => items.Globals.Add(new GuestGlobal(other, type, isMutable)));
        }
    }

    private void Tables()
    {
        var objects = _items.Types.Objects;
        GuestType[] elements = [GuestType.Func, GuestType.Abstract[_random.Below(GuestType.Abstract.Length)], objects[_random.Below(objects.Length)].Nullable];
        for (var i = 0; i < 1 + _random.Below(elements.Length); i++)
        {
            var element = elements[i];
            var is64 = _random.Below(3) == 0;
            var size = _random.Below(5);
            var type = $"{(is64 ? "i64 " : "")}{size} {8 + _random.Below(8)} {element.Name}";
            var id = $"$a{i}";
            _fields.Add($"(table {id} {type}{(_random.Below(2) == 0 ? "" : " " + _constants.Value(element, 2))})");
            _items.Tables.Add(new GuestTable(id, element, is64, size));
            Export($"table{i}", $"(table {id})", $"(table $id {type})", (items, other) => items.Tables.Add(new GuestTable(other, element, is64, size)));
        }
    }

    private void Segments()
    {
        for (var i = 0; i < 1 + _random.Below(3); i++)
        {
            var bytes = _random.Below(24);
            var text = string.Concat(Enumerable.Range(0, bytes).Select(_ => $"\\{_random.Below(256):x2}"));
            if (_random.Below(3) == 0 && GuestItems.OneOf(_random, _items.Memories) is { } memory)
                _fields.Add($"(data (memory {memory.Id}) ({(memory.Is64 ? "i64" : "i32")}.const {_random.Below(1000)}) \"{text}\")");
            else
                AddData($"$d{i}", bytes, text);
        }
        for (var i = 0; i < 1 + _random.Below(3); i++)
        {
            var table = _items.Tables[_random.Below(_items.Tables.Count)];
            var references = Enumerable.Range(0, _random.Below(4)).Select(_ => _constants.Value(table.Element, 2)).ToArray();
            var text = $"{table.Element.Name}{string.Concat(references.Select(r => $" (item {r})"))}";
            if (_random.Below(3) == 0 && references.Length <= table.Size) _fields.Add($"(elem (table {table.Id}) ({(table.Is64 ? "i64" : "i32")}.const 0) {text})");
            else
            {
                _fields.Add($"(elem $s{i} {text})");
                _items.Elements.Add(new GuestElements($"$s{i}", table.Element, references.Length));
            }
        }
        _fields.Add($"(elem declare func{string.Concat(_items.Functions.Select(f => " " + f.Id))})");
    }

    private void AddData(string id, int bytes, string text)
    {
        _fields.Add($"(data {id} \"{text}\")");
        _items.Data.Add(new GuestData(id, bytes));
    }

    /// <summary>What the host can call: parameters and results as they are where the host can give them, else constants.</summary>
    private void Exports(GuestFunction[] functions)
    {
        for (var i = 0; i < functions.Length; i++)
        {
            var type = functions[i].Type;
            var given = type.Parameters.Select(p => p.IsReference && !IsForHosts(p) ? null : p.Name).ToArray();
            var parameters = string.Concat(given.OfType<string>().Select(p => $" (param {p})"));
            var next = 0;
            var arguments = string.Concat(type.Parameters.Select((p, n) => " " + (given[n] is null ? _constants.Value(p, 2) : $"(local.get {next++})")));
            var results = string.Concat(type.Results.Select(r => $" (result {r.Name})"));
            _fields.Add($"(func (export \"call{i}\"){parameters}{results} (global.set {CodeWriter.Fuel} (i32.const {FuelEach})) (call {functions[i].Id}{arguments}))");
        }
    }

    /// <summary>A start function that calls another, whose failure it does not let out where that is an exception.</summary>
    private void Start(GuestFunction[] functions)
    {
        var function = functions[_random.Below(functions.Length)];
        var arguments = string.Concat(function.Type.Parameters.Select(p => $" {_constants.Value(p, 2)}"));
        var drops = string.Concat(function.Type.Results.Select(_ => " (drop)"));
        _fields.Add($"(func $start (global.set {CodeWriter.Fuel} (i32.const {FuelEach})) (block $caught (try_table (catch_all $caught) (call {function.Id}{arguments}){drops})))");
        _fields.Add("(start $start)");
    }

    private static bool IsForHosts(GuestType type) => type.Heap is "any" or "extern" or "i31" or "eq";

    private void Export(string name, string item, string import, Action<GuestItems, string> addTo)
    {
        if (_random.Below(2) == 0) return;
        _fields.Add($"(export \"{name}\" {item})");
        _exports.Add((name, import, addTo));
    }
}
