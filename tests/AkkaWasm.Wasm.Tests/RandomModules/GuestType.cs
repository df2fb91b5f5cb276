namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>A value type as the text format writes it.</summary>
/// <param name="Name">As <c>i32</c> or <c>(ref null $t3)</c>.</param>
/// <param name="Heap">What a reference points to, as <c>any</c> or <c>$t3</c>; empty for numbers and vectors.</param>
/// <param name="Nullable">Whether a reference may be null.</param>
internal readonly record struct GuestType(string Name, string Heap = "", bool Nullable = false)
{
    public static readonly GuestType I32 = new("i32");
    public static readonly GuestType I64 = new("i64");
    public static readonly GuestType F32 = new("f32");
    public static readonly GuestType F64 = new("f64");
    public static readonly GuestType V128 = new("v128");
    public static readonly GuestType Exn = Ref("exn", nullable: true);
    public static readonly GuestType Func = Ref("func", nullable: true);

    /// <summary>Numbers and vectors.</summary>
    public static readonly GuestType[] Plain = [I32, I64, F32, F64, V128];

    /// <summary>Nullable references to the abstract heap types.</summary>
    public static readonly GuestType[] Abstract = [.. new[] { "any", "eq", "i31", "struct", "array", "func", "extern", "exn" }.Select(heap => Ref(heap, nullable: true))];

    public bool IsReference => Heap.Length > 0;

    /// <summary>Whether every value of it can be left out: numbers are zero, references null.</summary>
    public bool HasDefault => !IsReference || Nullable;

    public static GuestType Ref(string heap, bool nullable) => new(nullable ? $"(ref null {heap})" : $"(ref {heap})", heap, nullable);
}

/// <summary>A field of a struct, or the element of an array.</summary>
/// <param name="Storage">As it is stored, as <c>i8</c>.</param>
/// <param name="Type">As it is read and written.</param>
/// <param name="IsMutable">Whether it can be written.</param>
internal readonly record struct GuestField(string Storage, GuestType Type, bool IsMutable)
{
    public string Text => IsMutable ? $"(mut {Storage})" : Storage;

    /// <summary>How the instruction that reads it ends.</summary>
    public string GetSuffix => Storage is "i8" or "i16" ? "_s" : "";
}

/// <summary>A type of the type section.</summary>
internal sealed record DefinedType(string Id, CompositeKind Kind, IReadOnlyList<GuestField> Fields, GuestType[] Parameters, GuestType[] Results, DefinedType? Parent)
{
    public GuestType Nullable => GuestType.Ref(Id, nullable: true);

    /// <summary>Whether it is that type or was declared below it.</summary>
    public bool IsBelow(DefinedType other)
    {
        for (var type = this; type is not null; type = type.Parent)
        {
            if (type == other) return true;
        }
        return false;
    }

    public string Text
    {
        get
        {
            var body = Kind switch
            {
                CompositeKind.Struct => $"(struct{string.Concat(Fields.Select(f => $" (field {f.Text})"))})",
                CompositeKind.Array => $"(array {Fields[0].Text})",
                _ => $"(func{string.Concat(Parameters.Select(p => $" (param {p.Name})"))}{string.Concat(Results.Select(r => $" (result {r.Name})"))})",
            };
            return Kind == CompositeKind.Function ? $"(type {Id} {body})" : $"(type {Id} (sub {(Parent is null ? "" : Parent.Id + " ")}{body}))";
        }
    }
}
