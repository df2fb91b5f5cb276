using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <content>What changes state.</content>
internal sealed partial class CodeWriter
{
    private static readonly (string Instruction, GuestType Type)[] Stores =
    [
        ("i32.store", GuestType.I32), ("i32.store8", GuestType.I32), ("i32.store16", GuestType.I32), ("i64.store", GuestType.I64), ("i64.store32", GuestType.I64),
        ("f32.store", GuestType.F32), ("f64.store", GuestType.F64), ("v128.store", GuestType.V128),
    ];

    private Func<string>[]? _statements;

    private Func<string>[] AllStatements => _statements ??=
    [
        SetGlobal, SetGlobal, SetLocal, SetLocal, Store, Store, MemoryBulk, GrowMemory, DropSegment,
        SetElement, SetElement, TableBulk, GrowTable, SetField, SetField, SetField, ArrayBulk, If, Loop, Call, CallReference, CallIndirect, Try, Try, Throw, Rethrow,
    ];

    private string Statement()
    {
        if (_nesting > Depth) return SetGlobal();
        _nesting++;
        var text = AllStatements[random.Below(AllStatements.Length)]();
        _nesting--;
        return text;
    }

    private string SetGlobal()
    {
        var global = GuestItems.OneOf(random, items.Globals.Where(g => g.IsMutable).ToArray());
        return global is null ? "(nop)" : $"(global.set {global.Id} {Value(global.Type, Depth)})";
    }

    private string SetLocal()
    {
        if (_locals.Count == 0) return SetGlobal();
        var (id, localType) = _locals[random.Below(_locals.Count)];
        return $"(local.set {id} {Value(localType, Depth)})";
    }

    private string Store()
    {
        if (GuestItems.OneOf(random, items.Memories) is not { } memory) return SetGlobal();
        var (instruction, stored) = Stores[random.Below(Stores.Length)];
        return $"({instruction} {memory.Id} offset={random.Below(32)} {Address(memory)} {Value(stored, 2)})";
    }

    private string MemoryBulk()
    {
        if (GuestItems.OneOf(random, items.Memories) is not { } memory) return SetGlobal();
        if (Chance(2) && GuestItems.OneOf(random, items.Data) is { } data)
            return $"(memory.init {memory.Id} {data.Id} {Address(memory)} {Small(data.Bytes + (Chance(8) ? 4 : 0))} (i32.const 0))";
        return Chance(2)
            ? $"(memory.fill {memory.Id} {Address(memory)} {Value(GuestType.I32, 1)} {Length(memory.Is64, 64)})"
            : $"(memory.copy {memory.Id} {memory.Id} {Address(memory)} {Address(memory)} {Length(memory.Is64, 64)})";
    }

    private string GrowMemory() => GuestItems.OneOf(random, items.Memories) is { } memory && Chance(3)
        ? $"(drop (memory.grow {memory.Id} {Length(memory.Is64, 2)}))"
        : SetGlobal();

    private string DropSegment()
    {
        if (!Chance(3)) return SetGlobal();
        if (Chance(2) && GuestItems.OneOf(random, items.Data) is { } data) return $"(data.drop {data.Id})";
        return GuestItems.OneOf(random, items.Elements) is { } elements ? $"(elem.drop {elements.Id})" : "(nop)";
    }

    private string SetElement()
    {
        if (GuestItems.OneOf(random, items.Tables) is not { } table) return SetGlobal();
        return InTable(table, $"(table.set {table.Id} {TableIndex(table)} {Value(table.Element, Depth - 1)})", "");
    }

    private string TableBulk()
    {
        if (GuestItems.OneOf(random, items.Tables) is not { } table) return SetGlobal();
        var segments = items.Elements.Where(e => e.Type == table.Element).ToArray();
        if (Chance(2) && GuestItems.OneOf(random, segments) is { } elements)
            return InTable(table, $"(table.init {table.Id} {elements.Id} {TableIndex(table)} (i32.const 0) {Small(elements.Count)})", "");
        return Chance(2)
            ? InTable(table, $"(table.fill {table.Id} {TableIndex(table)} {Value(table.Element, 2)} {Length(table.Is64, 1)})", "")
            : InTable(table, $"(table.copy {table.Id} {table.Id} {TableIndex(table)} {TableIndex(table)} {Length(table.Is64, 2)})", "");
    }

    private string GrowTable() => GuestItems.OneOf(random, items.Tables) is { } table
        ? $"(drop (table.grow {table.Id} {Value(table.Element, 2)} {Length(table.Is64, 3)}))"
        : SetGlobal();

    /// <summary>A field of a struct or an element of an array is set, if there is an object.</summary>
    private string SetField()
    {
        var types = items.Types.Objects.Where(t => t.Fields.Any(f => f.IsMutable)).ToArray();
        if (GuestItems.OneOf(random, types) is not { } object_) return SetGlobal();
        var local = Scratch(object_);
        var set = $"(local.set {local} {Value(object_.Nullable, Depth)})";
        if (object_.Kind == CompositeKind.Array)
        {
            var index = $"(i32.rem_u (local.get $at) (array.len (local.get {local})))";
            var element = Value(object_.Fields[0].Type, 1);
            return $"(local.set $at {Value(GuestType.I32, 1)}) {set} {IfFilled(local, $"(array.set {object_.Id} (local.get {local}) {index} {element})")}";
        }
        var fields = Enumerable.Range(0, object_.Fields.Count).Where(i => object_.Fields[i].IsMutable).ToArray();
        var field = fields[random.Below(fields.Length)];
        var store = $"(struct.set {object_.Id} {field} (local.get {local}) {Value(object_.Fields[field].Type, 2)})";
        return $"{set} (if (i32.eqz (ref.is_null (local.get {local}))) (then {store}))";
    }

    private string ArrayBulk()
    {
        var types = items.Types.Objects.Where(t => t.Kind == CompositeKind.Array && t.Fields[0].IsMutable).ToArray();
        if (GuestItems.OneOf(random, types) is not { } array) return SetField();
        var local = Scratch(array);
        var element = array.Fields[0];
        var set = $"(local.set {local} {Value(array.Nullable, Depth)})";
        if (!element.Type.IsReference && Chance(2) && GuestItems.OneOf(random, items.Data) is { } data)
            return $"{set} {IfFilled(local, $"(array.init_data {array.Id} {data.Id} (local.get {local}) (i32.const 0) (i32.const 0) (i32.const {(Chance(10) ? 2 : 0)}))")}";
        if (Chance(2)) return $"{set} {IfFilled(local, $"(array.copy {array.Id} {array.Id} (local.get {local}) (i32.const 0) (local.get {local}) (i32.const 0) (i32.const 1))")}";
        return $"{set} {IfFilled(local, $"(array.fill {array.Id} (local.get {local}) (i32.const 0) {Value(element.Type, 1)} (i32.const 1))")}";
    }

    private string If() => $"(if {Value(GuestType.I32, 2)} (then {Statements(1 + random.Below(2))}) (else {Statements(random.Below(2))}))";

    private string Loop()
    {
        var counter = $"$n{_nesting}";
        var label = NewLabel();
        return $"""
            (local.set {counter} (i32.const {1 + random.Below(MostRounds)}))
            (loop {label} {Statements(1 + random.Below(2))}
              (br_if {label} (local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))))
            """;
    }

    private string Call() => GuestItems.OneOf(random, items.Functions) is { } function
        ? Drop(function.Type.Results, $"(call {function.Id}{Arguments(function.Type)})")
        : SetGlobal();

    private string CallReference()
    {
        if (GuestItems.OneOf(random, items.Functions) is not { } function) return SetGlobal();
        return Drop(function.Type.Results, $"(call_ref {function.Type.Id}{Arguments(function.Type)} (ref.func {function.Id}))");
    }

    /// <summary>Through a table; what stands there often is null or of another type.</summary>
    private string CallIndirect()
    {
        var table = GuestItems.OneOf(random, items.Tables.Where(t => t.Element == GuestType.Func).ToArray());
        if (table is null) return Call();
        var called = items.Types.Functions[random.Below(items.Types.Functions.Length)];
        var call = Drop(called.Results, $"(call_indirect {table.Id} (type {called.Id}){Arguments(called)} {TableIndex(table)})");
        if (Chance(6)) return InTable(table, call, "");
        return InTable(table, $"(if (ref.test (ref {called.Id}) (table.get {table.Id} {TableIndex(table)})) (then {call}))", "");
    }

    /// <summary>Exceptions are caught; most go into a global on the way.</summary>
    private string Try()
    {
        var (end, caught) = (NewLabel(), NewLabel());
        var body = Statements(1 + random.Below(2));
        var keeper = GuestItems.OneOf(random, items.Globals.Where(g => g.IsMutable && g.Type == GuestType.Exn).ToArray());
        var keep = keeper is null ? "drop" : $"global.set {keeper.Id}";
        if (GuestItems.OneOf(random, items.Tags) is not { } tag || Chance(3))
            return $"(block {end} (block {caught} (result exnref) (try_table (catch_all_ref {caught}) {body}) (br {end})) {keep})";
        var payload = string.Concat(tag.Parameters.Select(p => $" (result {p.Name})"));
        var drops = string.Concat(tag.Parameters.Select(_ => " drop"));
        return $"(block {end} (block {caught}{payload} (result exnref) (try_table (catch_ref {tag.Id} {caught}) (catch_all {end}) {body}) (br {end})) {keep}{drops})";
    }

    private string Throw() => GuestItems.OneOf(random, items.Tags) is { } tag
        ? $"(if {Rarely()} (then (throw {tag.Id}{string.Concat(tag.Parameters.Select(p => " " + Value(p, 2)))})))"
        : SetGlobal();

    private string Rethrow()
    {
        var keeper = GuestItems.OneOf(random, items.Globals.Where(g => g.Type == GuestType.Exn).ToArray());
        return keeper is null
            ? SetGlobal()
            : $"(if (i32.and {Rarely()} (i32.eqz (ref.is_null (global.get {keeper.Id})))) (then (throw_ref (global.get {keeper.Id}))))";
    }

    /// <summary>True in one of four cases or so.</summary>
    private string Rarely() => $"(i32.eqz (i32.and {Value(GuestType.I32, 1)} (i32.const 3)))";

    private static string IfFilled(string array, string then) =>
        $"(if (i32.eqz (ref.is_null (local.get {array}))) (then (if (array.len (local.get {array})) (then {then}))))";
}
