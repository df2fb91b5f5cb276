using System.Text;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>
/// A guest with a random recursive type section, and for each type a function that makes an object and one that changes it. Objects stand in the slots
/// of a table; what fits from given slots goes into the fields.
/// </summary>
internal sealed class RandomTypes
{
    public const int Slots = 24;

    private const string Any = "any";
    private static readonly string[] Numbers = ["i8", "i16", "i32", "i64", "f32", "f64", "v128"];
    private static readonly string[] Heaps = [Any, "eq", "i31", "struct", "array", "extern", "func"];

    private sealed record Field(string Type, string? Heap, bool IsNullable, bool IsMutable);

    private readonly SplitMix _random;
    private readonly List<(bool IsArray, int Super, List<Field> Fields)> _types = [];

    public RandomTypes(SplitMix random)
    {
        _random = random;
        Count = 4 + random.Below(8);
        for (var i = 0; i < Count; i++) _types.Add(Type(i));
    }

    /// <summary>The number of types.</summary>
    public int Count { get; }

    public string Text()
    {
        var text = new StringBuilder("(module (rec\n");
        for (var i = 0; i < Count; i++)
        {
            var (isArray, super, fields) = _types[i];
            var parts = string.Join(' ', fields.Select(f => $"(field {Storage(f)})"));
            var shape = isArray ? $"(array {Storage(fields[0])})" : $"(struct {parts})";
            text.AppendLine($"  (type $t{i} (sub {(super < 0 ? "" : $"$t{super} ")}{shape}))");
        }
        text.AppendLine($"  ) (table $slots (export \"slots\") {Slots} anyref) (table $externs 4 externref) (elem declare func $f $g) (func $f) (func $g (param i32))");
        text.AppendLine($"  (global $fixed (ref null $t{FirstMakeable()}) {Constant(FirstMakeable())})");
        for (var i = 0; i < Count; i++)
        {
            text.AppendLine(New(i));
            text.AppendLine(Change(i));
        }
        text.AppendLine("  (func (export \"extern\") (param $a i32) (table.set $externs (i32.and (local.get $a) (i32.const 3)) (extern.convert_any (table.get $slots (local.get $a)))))");
        text.AppendLine("  (func (export \"i31\") (param $a i32) (table.set $slots (local.get $a) (ref.i31 (local.get $a))))");
        text.AppendLine($"  (func (export \"take\") (param $a i32) (table.set $slots (local.get $a) (global.get $fixed)))");
        return text.Append(')').ToString();
    }

    private (bool IsArray, int Super, List<Field> Fields) Type(int index)
    {
        var structs = Enumerable.Range(0, index).Where(i => !_types[i].IsArray).ToArray();
        if (_random.Below(4) == 0) return (true, -1, [RandomField()]);
        var super = structs.Length > 0 && _random.Below(2) == 0 ? structs[_random.Below(structs.Length)] : -1;
        List<Field> fields = super < 0 ? [] : [.. _types[super].Fields];
        for (var more = _random.Below(5); more > 0; more--) fields.Add(RandomField());
        return (false, super, fields);
    }

    private Field RandomField()
    {
        var isMutable = _random.Below(3) > 0;
        if (_random.Below(3) == 0) return new Field(Numbers[_random.Below(Numbers.Length)], null, false, isMutable);
        var heap = _random.Below(2) == 0 ? Heaps[_random.Below(Heaps.Length)] : $"$t{_random.Below(Count)}";
        return new Field("ref", heap, _random.Below(3) > 0, isMutable);
    }

    private static string Storage(Field field)
    {
        var type = field.Heap is null ? field.Type : $"(ref {(field.IsNullable ? "null " : "")}{field.Heap})";
        return field.IsMutable ? $"(mut {type})" : type;
    }

    /// <summary>A type of which a constant can be made.</summary>
    private int FirstMakeable()
    {
        var makeable = _types.FindIndex(t => !t.IsArray && t.Fields.TrueForAll(f => f.Heap is null || f.IsNullable));
        return makeable < 0 ? 0 : makeable;
    }

    private string Constant(int type)
    {
        var (isArray, _, fields) = _types[type];
        return !isArray && fields.TrueForAll(f => f.Heap is null || f.IsNullable) ? $"(struct.new_default $t{type})" : $"(ref.null $t{type})";
    }

    /// <summary>Makes an object in slot $to, from slots $a, $b and $c in turn and a number; does nothing if what stands there does not fit.</summary>
    private string New(int type)
    {
        var (isArray, _, fields) = _types[type];
        var values = string.Join("\n      ", fields.Select((f, i) => Value(f, i)));
        var make = isArray
            ? $"(array.new $t{type} {values} (i32.rem_u (local.get $n) (i32.const 40)))"
            : $"(struct.new $t{type} {values})";
        return $"  (func (export \"new.{type}\") (param $to i32) (param $n i32) (param $a i32) (param $b i32) (param $c i32)\n    (block $no (table.set $slots (local.get $to)\n      {make})))";
    }

    private string Change(int type)
    {
        var (isArray, _, fields) = _types[type];
        var code = new StringBuilder($"  (func (export \"change.{type}\") (param $to i32) (param $n i32) (param $a i32) (param $b i32) (param $c i32) (local $o (ref $t{type}))\n");
        code.AppendLine($"    (block $no (br_if $no (i32.eqz (ref.test (ref $t{type}) (table.get $slots (local.get $to))))) (local.set $o (ref.cast (ref $t{type}) (table.get $slots (local.get $to))))");
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields[i].IsMutable) continue;
            code.AppendLine(isArray
                ? $"      (br_if $no (i32.eqz (array.len (local.get $o)))) (array.set $t{type} (local.get $o) (i32.rem_u (local.get $n) (array.len (local.get $o))) {Value(fields[i], i)})"
                : $"      (struct.set $t{type} {i} (local.get $o) {Value(fields[i], i)})");
        }
        return code.Append("    ))").ToString();
    }

    private static string Value(Field field, int index)
    {
        var number = $"(i32.add (local.get $n) (i32.const {index * 37}))";
        if (field.Heap is null)
        {
            return field.Type switch
            {
                "i64" => $"(i64.extend_i32_s {number})",
                "f32" => $"(f32.convert_i32_s {number})",
                "f64" => $"(f64.convert_i32_s {number})",
                "v128" => $"(i32x4.splat {number})",
                _ => number,
            };
        }
        if (field.Heap == "func") return index % 2 == 0 ? "(ref.func $f)" : "(ref.func $g)";
        var slot = $"(table.get $slots (local.get ${"abc"[index % 3]}))";
        if (field.Heap == "extern")
            return $"(br_on_null $no (extern.convert_any {slot}))";
        var otherwise = field.IsNullable ? $"(ref.null {field.Heap})" : "(br $no)";
        return $"(if (result (ref null {field.Heap})) (ref.test (ref {field.Heap}) {slot}) (then (ref.cast (ref {field.Heap}) {slot})) (else {otherwise}))"
            is var value && field.IsNullable ? value : $"(ref.as_non_null {value})";
    }
}
