using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>Makes structs and arrays and sets their fields through helpers, from values that were checked.</summary>
internal sealed unsafe class ObjectWriter(HeapHelpers helpers)
{
    private sealed class Functions
    {
        public required SlotWriter Writer;
        public required NativeItem New;
        public required NativeItem Twin;
        public required NativeItem[] Stages;
        public required NativeItem[] Setters;
    }

    private readonly Functions?[] _functions = new Functions[helpers.Types.Types.Count];
    private readonly Dictionary<int, SlotWriter> _writers = [];

    /// <summary>Room for the arguments of a call.</summary>
    public RawValue[] Values { get; } = GC.AllocateUninitializedArray<RawValue>(HelperNames.MaxValues, pinned: true);

    /// <summary>The helper of the module that a type is named by.</summary>
    public SlotWriter WriterOf(CanonicalType type) => Writer(helpers.WriterOf(type));

    public SlotWriter Writer(int module)
    {
        if (!_writers.TryGetValue(module, out var writer)) _writers.Add(module, writer = new SlotWriter(helpers.Writer(module)));
        return writer;
    }

    /// <summary>Makes a struct of no more than <see cref="HelperNames.FieldsPerCall"/> fields.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="values">The values of the fields, and room for one more.</param>
    public uint NewStruct(CanonicalType type, RawValue[] values)
    {
        var functions = Of(type);
        fixed (RawValue* arguments = values) return functions.Writer.Make(ref functions.New, arguments, type.Fields.Length);
    }

    /// <summary>Makes a struct; <paramref name="values"/> are those of its fields.</summary>
    public uint NewStruct<TValues>(CanonicalType type, ref TValues values)
        where TValues : IFieldValues, allows ref struct
    {
        var functions = Of(type);
        fixed (RawValue* arguments = Values)
        {
            if (functions.Stages.Length == 0)
            {
                for (var i = 0; i < type.Fields.Length; i++) arguments[i] = values.ValueOf(type.Fields[i]);
                return functions.Writer.Make(ref functions.New, arguments, type.Fields.Length);
            }
            for (var chunk = 0; chunk < functions.Stages.Length; chunk++)
            {
                var first = chunk * HelperNames.FieldsPerCall;
                var count = Math.Min(HelperNames.FieldsPerCall, type.Fields.Length - first);
                for (var i = 0; i < count; i++) arguments[i] = values.ValueOf(type.Fields[first + i]);
                functions.Writer.Call(ref functions.Stages[chunk], arguments, count);
            }
            return functions.Writer.Make(ref functions.New, arguments, 0);
        }
    }

    /// <summary>Sets all mutable fields of a struct.</summary>
    public void SetStruct<TValues>(CanonicalType type, uint raw, ref TValues values)
        where TValues : IFieldValues, allows ref struct
    {
        var functions = Of(type);
        var field = 0;
        fixed (RawValue* arguments = Values)
        {
            foreach (ref var setter in functions.Setters.AsSpan())
            {
                var count = 0;
                for (; field < type.Fields.Length && count < HelperNames.FieldsPerCall; field++)
                {
                    if (type.Fields[field].IsMutable) arguments[++count] = values.ValueOf(type.Fields[field]);
                }
                arguments[0] = new RawValue { Low = raw };
                functions.Writer.Call(ref setter, arguments, count + 1);
            }
        }
    }

    /// <summary>Makes an array of equal elements.</summary>
    public uint NewArray(CanonicalType type, RawValue element, int length)
    {
        var functions = Of(type);
        fixed (RawValue* arguments = Values)
        {
            arguments[0] = element;
            arguments[1] = new RawValue { Low = (uint)length };
            return functions.Writer.Make(ref functions.New, arguments, 2);
        }
    }

    /// <summary>Makes an array of no elements.</summary>
    public uint NewEmptyArray(CanonicalType type)
    {
        var functions = Of(type);
        var empty = functions.Writer.Find(HelperNames.Empty(type.Index));
        fixed (RawValue* arguments = Values) return functions.Writer.Make(ref empty, arguments, 0);
    }

    /// <summary>Makes the twin of an immutable array of references, of equal elements. It lives until the next object is made.</summary>
    public uint NewTwin(CanonicalType type, RawValue element, int length)
    {
        var functions = Of(type);
        fixed (RawValue* arguments = Values)
        {
            arguments[0] = element;
            arguments[1] = new RawValue { Low = (uint)length };
            var twin = functions.Writer.Make(ref functions.Twin, arguments, 2);
            functions.Writer.GiveBack();
            return twin;
        }
    }

    /// <summary>Sets all elements of a mutable array, or of the twin of an immutable one.</summary>
    public void SetArray<TValues>(CanonicalType type, uint raw, int length, ref TValues values)
        where TValues : IElementValues, allows ref struct
    {
        var functions = Of(type);
        fixed (RawValue* arguments = Values)
        {
            for (var at = 0; at < length;)
            {
                var isMany = length - at >= HelperNames.ElementsPerCall;
                var count = isMany ? HelperNames.ElementsPerCall : 1;
                arguments[0] = new RawValue { Low = raw };
                arguments[1] = new RawValue { Low = (uint)at };
                for (var i = 0; i < count; i++) arguments[2 + i] = values.ValueOf(at + i);
                functions.Writer.Call(ref functions.Setters[isMany ? 1 : 0], arguments, count + 2);
                at += count;
            }
        }
    }

    /// <summary>Lets go of all objects that were made: what hangs on nothing else is garbage from then on.</summary>
    public void Clear()
    {
        foreach (var writer in _writers.Values) writer.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Functions Of(CanonicalType type) => _functions[type.Number] ?? Find(type);

    private Functions Find(CanonicalType type)
    {
        var writer = WriterOf(type);
        var hasTwin = type is { Kind: CompositeKind.Array, Element: { IsMutable: false, Kind: not FieldKind.Number } };
        var stages = type.Kind == CompositeKind.Struct && type.Fields.Length > HelperNames.FieldsPerCall ? Chunks(type.Fields.Length) : 0;
        return _functions[type.Number] = new Functions
        {
            Writer = writer,
            New = writer.Find(HelperNames.New(type.Index)),
            Twin = hasTwin ? writer.Find(HelperNames.Twin(type.Index)) : default,
            Stages = [.. Enumerable.Range(0, stages).Select(i => writer.Find(HelperNames.Stage(type.Index, i)))],
            Setters = type.Kind == CompositeKind.Struct
                ? [.. Enumerable.Range(0, Chunks(type.Fields.Count(f => f.IsMutable))).Select(i => writer.Find(HelperNames.Set(type.Index, i)))]
                : type.Element.IsMutable || hasTwin ? [writer.Find(HelperNames.SetElement(type.Index)), writer.Find(HelperNames.SetElements(type.Index))] : [],
        };
    }

    private static int Chunks(int fields) => (fields + HelperNames.FieldsPerCall - 1) / HelperNames.FieldsPerCall;
}

/// <summary>The values of a struct's fields.</summary>
internal interface IFieldValues
{
    RawValue ValueOf(FieldPlan field);
}

/// <summary>The values of an array's elements.</summary>
internal interface IElementValues
{
    RawValue ValueOf(int index);
}
