using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <content>Expressions of a wanted type.</content>
internal sealed partial class CodeWriter
{
    private static readonly Dictionary<string, string[]> Binary = new()
    {
        ["i32"] = ["i32.add", "i32.sub", "i32.mul", "i32.xor", "i32.shl", "i32.rotr", "i32.and"],
        ["i64"] = ["i64.add", "i64.sub", "i64.mul", "i64.xor", "i64.shr_u", "i64.rotl", "i64.or"],
        ["f32"] = ["f32.add", "f32.sub", "f32.mul", "f32.div", "f32.min", "f32.copysign"],
        ["f64"] = ["f64.add", "f64.sub", "f64.mul", "f64.div", "f64.max", "f64.copysign"],
        ["v128"] = ["i8x16.add", "i16x8.mul", "i32x4.sub", "i64x2.add", "f32x4.add", "f64x2.mul", "v128.xor", "i8x16.swizzle", "i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31"],
    };

    private static readonly Dictionary<string, (string Instruction, GuestType From)[]> Conversions = new()
    {
        ["i32"] = [("i32.wrap_i64", GuestType.I64), ("i32.trunc_sat_f64_s", GuestType.F64), ("i32.reinterpret_f32", GuestType.F32), ("i32x4.extract_lane 1", GuestType.V128), ("i32.extend8_s", GuestType.I32)],
        ["i64"] = [("i64.extend_i32_u", GuestType.I32), ("i64.trunc_sat_f32_u", GuestType.F32), ("i64.reinterpret_f64", GuestType.F64), ("i64x2.extract_lane 0", GuestType.V128), ("i64.popcnt", GuestType.I64)],
        ["f32"] = [("f32.convert_i32_s", GuestType.I32), ("f32.demote_f64", GuestType.F64), ("f32x4.extract_lane 3", GuestType.V128), ("f32.sqrt", GuestType.F32)],
        ["f64"] = [("f64.convert_i64_u", GuestType.I64), ("f64.promote_f32", GuestType.F32), ("f64x2.extract_lane 1", GuestType.V128), ("f64.nearest", GuestType.F64)],
        ["v128"] = [("i8x16.splat", GuestType.I32), ("i64x2.splat", GuestType.I64), ("f32x4.splat", GuestType.F32), ("f64x2.splat", GuestType.F64), ("v128.not", GuestType.V128)],
    };

    private static readonly Dictionary<string, string[]> Loads = new()
    {
        ["i32"] = ["i32.load", "i32.load8_u", "i32.load16_s"], ["i64"] = ["i64.load", "i64.load32_u"], ["f32"] = ["f32.load"], ["f64"] = ["f64.load"],
        ["v128"] = ["v128.load", "v128.load32_splat", "v128.load8x8_s"],
    };

    /// <summary>An expression of that type.</summary>
    /// <param name="wanted">The type; a reference that is not null is to a concrete type or to <c>i31</c>.</param>
    /// <param name="depth">How deep expressions may lie in each other; beyond it constants, locals and globals only.</param>
    private string Value(GuestType wanted, int depth)
    {
        if (wanted is { IsReference: true, Nullable: false }) return NotNull(wanted, depth);
        if (depth <= 0 || Chance(4)) return Kept(wanted) ?? _constants.Value(wanted, 1);
        return random.Below(6) switch
        {
            0 => $"(select (result {wanted.Name}) {Value(wanted, depth - 1)} {Value(wanted, depth - 1)} {Value(GuestType.I32, depth - 1)})",
            1 => $"(if (result {wanted.Name}) {Value(GuestType.I32, depth - 1)} (then {Value(wanted, depth - 1)}) (else {Value(wanted, depth - 1)}))",
            2 => FromObject(wanted, depth - 1) ?? FromTable(wanted) ?? Fresh(wanted, depth - 1),
            3 => FromTable(wanted) ?? Called(wanted) ?? Fresh(wanted, depth - 1),
            _ => Fresh(wanted, depth - 1),
        };
    }

    private string Fresh(GuestType wanted, int depth) => wanted.IsReference ? Reference(wanted, depth) : Number(wanted, depth);

    private string Number(GuestType wanted, int depth)
    {
        if (Chance(3) && GuestItems.OneOf(random, items.Memories) is { } memory)
        {
            var loads = Loads[wanted.Name];
            return $"({loads[random.Below(loads.Length)]} {memory.Id} {Address(memory)})";
        }
        if (wanted == GuestType.I32 && Chance(2)) return Observation(depth);
        if (Chance(2))
        {
            var conversions = Conversions[wanted.Name];
            var (instruction, from) = conversions[random.Below(conversions.Length)];
            return $"({instruction} {Value(from, depth)})";
        }
        var binary = Binary[wanted.Name];
        return $"({binary[random.Below(binary.Length)]} {Value(wanted, depth)} {Value(wanted, depth)})";
    }

    /// <summary>What can be seen of references, tables and memories as a number.</summary>
    private string Observation(int depth)
    {
        var any = GuestType.Ref("any", nullable: true);
        var eq = GuestType.Ref("eq", nullable: true);
        switch (random.Below(6))
        {
            case 0:
                return $"(ref.is_null {Value(GuestType.Abstract[random.Below(GuestType.Abstract.Length)], depth)})";
            case 1 when GuestItems.OneOf(random, items.Types.Objects) is { } tested:
                return $"(ref.test (ref {tested.Id}) {Value(any, depth)})";
            case 2:
                return $"(ref.eq {Value(eq, depth)} {Value(eq, depth)})";
            case 3:
                return $"(i31.get_s {Value(GuestType.Ref("i31", nullable: false), depth)})";
            case 4 when GuestItems.OneOf(random, items.Tables) is { } table:
                return table.Is64 ? $"(i32.wrap_i64 (table.size {table.Id}))" : $"(table.size {table.Id})";
            case 5 when GuestItems.OneOf(random, items.Memories) is { } memory:
                return memory.Is64 ? $"(i32.wrap_i64 (memory.size {memory.Id}))" : $"(memory.size {memory.Id})";
            default:
                return $"(i32.eq {Value(GuestType.I32, depth)} {Value(GuestType.I32, depth)})";
        }
    }

    private string Reference(GuestType wanted, int depth) => wanted.Heap switch
    {
        "any" when Chance(3) => $"(any.convert_extern {Value(GuestType.Ref("extern", nullable: true), depth)})",
        "any" or "eq" when Chance(3) => NotNull(GuestType.Ref("i31", nullable: false), depth),
        "any" or "eq" => NewOf(null, depth) ?? _constants.Value(wanted, 0),
        "i31" => NotNull(GuestType.Ref("i31", nullable: false), depth),
        "struct" => NewOf(CompositeKind.Struct, depth) ?? _constants.Value(wanted, 0),
        "array" => NewOf(CompositeKind.Array, depth) ?? _constants.Value(wanted, 0),
        "extern" => $"(extern.convert_any {Value(GuestType.Ref("any", nullable: true), depth)})",
        "func" or "exn" => Kept(wanted) ?? _constants.Value(wanted, 1),
        _ => Narrowed(wanted, depth),
    };

    /// <summary>An object of a type or one below it, or one that is found to be such.</summary>
    private string Narrowed(GuestType wanted, int depth)
    {
        var type = items.Types.Types.First(t => t.Id == wanted.Heap);
        if (Chance(4))
        {
            var (end, other) = (NewLabel(), NewLabel());
            return $"(block {end} (result {wanted.Name}) (block {other} (result anyref) (br {end} (br_on_cast_fail {other} anyref {wanted.Name} {Value(GuestType.Ref("any", nullable: true), depth)}))) drop {_constants.Value(wanted, 1)})";
        }
        var below = items.Types.Objects.Where(t => t.IsBelow(type)).ToArray();
        return New(below[random.Below(below.Length)], depth);
    }

    private string NotNull(GuestType wanted, int depth)
    {
        if (Chance(12) && Kept(wanted with { Nullable = true, Name = $"(ref null {wanted.Heap})" }) is { } kept) return $"(ref.as_non_null {kept})";
        return wanted.Heap == "i31"
            ? $"(ref.i31 {Value(GuestType.I32, depth)})"
            : New(items.Types.Types.First(t => t.Id == wanted.Heap), depth);
    }

    private string? NewOf(CompositeKind? kind, int depth)
    {
        var types = items.Types.Objects.Where(t => kind is null || t.Kind == kind).ToArray();
        return GuestItems.OneOf(random, types) is { } type ? New(type, depth) : null;
    }

    private string New(DefinedType type, int depth)
    {
        var fields = type.Fields;
        if (type.Kind == CompositeKind.Struct)
        {
            return fields.All(f => f.Type.HasDefault) && Chance(4)
                ? $"(struct.new_default {type.Id})"
                : $"(struct.new {type.Id}{string.Concat(fields.Select(f => " " + Value(f.Type, depth - 1)))})";
        }
        var length = Small(12);
        if (!fields[0].Type.IsReference && Chance(4) && GuestItems.OneOf(random, items.Data) is { } data)
            return $"(array.new_data {type.Id} {data.Id} (i32.const 0) (i32.const {(Chance(8) ? 1 : 0)}))";
        if (fields[0].Type.HasDefault && Chance(3)) return $"(array.new_default {type.Id} {length})";
        return Chance(2)
            ? $"(array.new {type.Id} {Value(fields[0].Type, depth - 1)} {length})"
            : $"(array.new_fixed {type.Id} 2 {Value(fields[0].Type, depth - 1)} {Value(fields[0].Type, depth - 1)})";
    }

    /// <summary>A field or an element of that type of some object, if there is such a type.</summary>
    private string? FromObject(GuestType wanted, int depth)
    {
        var types = items.Types.Objects.Where(t => t.Fields.Any(f => f.Type == wanted)).ToArray();
        if (GuestItems.OneOf(random, types) is not { } type) return null;
        var local = Scratch(type);
        var otherwise = _constants.Value(wanted, 1);
        if (type.Kind == CompositeKind.Array)
        {
            var get = $"(array.get{type.Fields[0].GetSuffix} {type.Id} (local.get {local}) (i32.rem_u (local.get $at) (array.len (local.get {local}))))";
            var filled = $"(if (result {wanted.Name}) (array.len (local.get {local})) (then {get}) (else {otherwise}))";
            return $"(local.set $at {Value(GuestType.I32, 0)}) (if (result {wanted.Name}) (ref.is_null (local.tee {local} {Value(type.Nullable, depth)})) (then {otherwise}) (else {filled}))";
        }
        var fields = Enumerable.Range(0, type.Fields.Count).Where(i => type.Fields[i].Type == wanted).ToArray();
        var field = fields[random.Below(fields.Length)];
        var read = $"(struct.get{type.Fields[field].GetSuffix} {type.Id} {field} (local.get {local}))";
        return $"(if (result {wanted.Name}) (ref.is_null (local.tee {local} {Value(type.Nullable, depth)})) (then {otherwise}) (else {read}))";
    }

    private string? FromTable(GuestType wanted)
    {
        var table = GuestItems.OneOf(random, items.Tables.Where(t => t.Element == wanted).ToArray());
        return table is null ? null : InTable(table, $"(table.get {table.Id} {TableIndex(table)})", wanted.Name, _constants.Value(wanted, 0));
    }

    private string? Called(GuestType wanted)
    {
        var function = GuestItems.OneOf(random, items.Functions.Where(f => f.Type.Results.Length == 1 && f.Type.Results[0] == wanted).ToArray());
        return function is null ? null : $"(call {function.Id}{Arguments(function.Type)})";
    }

    /// <summary>A local or global of exactly that type.</summary>
    private string? Kept(GuestType wanted)
    {
        string[] kept =
        [
            .. _locals.Where(l => l.Type == wanted).Select(l => $"(local.get {l.Id})"),
            .. items.Globals.Where(g => g.Type == wanted).Select(g => $"(global.get {g.Id})"),
        ];
        return GuestItems.OneOf(random, kept);
    }

    /// <summary>A number from 0 up to and without a bound.</summary>
    private string Small(int bound) => $"(i32.rem_u {Value(GuestType.I32, 0)} (i32.const {Math.Max(1, bound)}))";

    private string Length(bool is64, int most) => is64 ? $"(i64.extend_i32_u {Small(most + 1)})" : Small(most + 1);

    /// <summary>An address in the first page, or in some cases any address.</summary>
    private string Address(GuestMemory memory)
    {
        var address = Chance(60) ? Value(GuestType.I32, 0) : $"(i32.and {Value(GuestType.I32, 1)} (i32.const 0x7fff))";
        return memory.Is64 ? $"(i64.extend_i32_u {address})" : address;
    }

    /// <summary>An index inside a table that is not empty, or in some cases any index.</summary>
    private string TableIndex(GuestTable table)
    {
        if (Chance(60)) return table.Is64 ? Value(GuestType.I64, 0) : Value(GuestType.I32, 0);
        return table.Is64 ? $"(i64.rem_u {Value(GuestType.I64, 0)} (table.size {table.Id}))" : $"(i32.rem_u {Value(GuestType.I32, 0)} (table.size {table.Id}))";
    }

    private static string InTable(GuestTable table, string then, string result, string otherwise = "")
    {
        var isFilled = table.Is64 ? $"(i32.eqz (i64.eqz (table.size {table.Id})))" : $"(table.size {table.Id})";
        return $"(if {(result.Length > 0 ? $"(result {result}) " : "")}{isFilled} (then {then}){(otherwise.Length > 0 ? $" (else {otherwise})" : "")})";
    }
}
