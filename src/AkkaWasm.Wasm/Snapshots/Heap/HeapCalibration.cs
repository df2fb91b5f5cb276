using System.Text;
using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Finds out, once per process, whether objects lie in the library's heap as <see cref="HeapLayout"/> says: those of a guest of ours, with fields of
/// every size between others, are read both ways.
/// </summary>
internal static class HeapCalibration
{
    private const string Sample = """
        (module
          (type $mixed (sub (struct
            (field i8) (field i64) (field (mut i16)) (field v128) (field anyref) (field (mut f32)) (field i8) (field f64) (field externref) (field funcref))))
          (type $more (sub $mixed (struct
            (field i8) (field i64) (field (mut i16)) (field v128) (field anyref) (field (mut f32)) (field i8) (field f64) (field externref) (field funcref)
            (field i16) (field i32))))
          (type $bytes (array i8)) (type $shorts (array (mut i16))) (type $ints (array i32)) (type $longs (array (mut i64))) (type $vectors (array v128))
          (type $references (array (mut anyref))) (type $functions (array funcref))
          (table (export "samples") 12 anyref)
          (elem declare func $f)
          (func $f)
          (func $extern (result externref) (extern.convert_any (ref.i31 (i32.const 5))))
          (func (export "build") (local $i i32) (local $last anyref)
            (loop $again
              (local.set $last (struct.new $mixed
                (i32.const 0x81) (i64.const 0x0102030405060708) (i32.const 0x8283) (v128.const i64x2 0x1112131415161718 0x2122232425262728) (local.get $last)
                (f32.const 1.5) (i32.const 0x84) (f64.const -2.25) (call $extern) (ref.func $f)))
              (table.set 0 (local.get $i) (local.get $last))
              (local.set $last (struct.new $more
                (i32.const 0x91) (i64.const 0x3132333435363738) (i32.const 0x9293) (v128.const i64x2 0x4142434445464748 0x5152535455565758) (local.get $last)
                (f32.const 3.5) (i32.const 0x94) (f64.const -4.25) (call $extern) (ref.null func) (i32.const 0x9596) (i32.const 0x97989900)))
              (table.set 0 (i32.add (local.get $i) (i32.const 1)) (local.get $last))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 4))))
            (table.set 0 (i32.const 4) (array.new_fixed $bytes 3 (i32.const 1) (i32.const 2) (i32.const 3)))
            (table.set 0 (i32.const 5) (array.new_fixed $shorts 2 (i32.const 0x0405) (i32.const 0x0607)))
            (table.set 0 (i32.const 6) (array.new_fixed $ints 2 (i32.const 8) (i32.const 9)))
            (table.set 0 (i32.const 7) (array.new_fixed $longs 2 (i64.const 10) (i64.const 11)))
            (table.set 0 (i32.const 8) (array.new_fixed $vectors 2 (v128.const i64x2 12 13) (v128.const i64x2 14 15)))
            (table.set 0 (i32.const 9) (array.new_fixed $references 2 (local.get $last) (ref.i31 (i32.const 16))))
            (table.set 0 (i32.const 10) (array.new_fixed $functions 3 (ref.func $f) (ref.null func) (ref.func $f)))
            (table.set 0 (i32.const 11) (array.new_fixed $bytes 0))))
        """;

    private static readonly Lock Guard = new();
    private static bool? s_holds;

    /// <summary>Whether objects can be read where they lie, in stores of engines like this.</summary>
    public static bool Holds(WasmEngine engine)
    {
        if (!HostMemoryCreator.Serves(engine.Options)) return false;
        lock (Guard) return s_holds ??= TryOut();
    }

    private static bool TryOut()
    {
        using var engine = new WasmEngine();
        using var module = engine.Load(Encoding.UTF8.GetBytes(Sample), "calibration of the GC heap");
        using var instance = WasmInstance.Create(module, new HostFunctions());
        instance.GetFunction("build")!.Invoke();
        return instance.Store.CompareReaders("samples"u8.ToArray());
    }

    /// <summary>Whether both readers say the same of objects.</summary>
    public static bool AreAlike(TypeSpace types, ObjectReader trusted, ObjectReader tried, IEnumerable<uint> raws)
    {
        foreach (var raw in raws)
        {
            var number = trusted.TypeOf(raw);
            if (tried.TypeOf(raw) != number) return false;
            var type = types.Types[number];
            var isArray = type.Kind == CompositeKind.Array;
            if (isArray && trusted.LengthOf(raw) != tried.LengthOf(raw)) return false;
            var expected = new byte[isArray ? trusted.LengthOf(raw) * type.Element.Bytes : type.ImageBytes];
            var found = new byte[expected.Length];
            if (isArray)
            {
                trusted.ReadArray(type, raw, expected);
                tried.ReadArray(type, raw, found);
            }
            else
            {
                trusted.ReadStruct(type, raw, expected);
                tried.ReadStruct(type, raw, found);
            }
            if (!expected.AsSpan().SequenceEqual(found)) return false;
        }
        return true;
    }
}
