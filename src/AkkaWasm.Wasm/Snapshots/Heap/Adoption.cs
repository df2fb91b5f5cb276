using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>What an immutable place holds in the store and in an image.</summary>
/// <param name="Raw">The raw reference in the store.</param>
/// <param name="Code">The code in the image.</param>
internal readonly record struct AdoptedRoot(uint Raw, uint Code);

/// <summary>
/// Matches objects that a fresh store has with those of an image: what an immutable place holds cannot be replaced, so the object there takes the
/// identity, and later the contents, of the saved one. Immutable fields are followed and must be equal.
/// </summary>
internal sealed class Adoption(HeapGraph graph, TypeSpace types, ObjectReader reader, uint[] raws)
{
    private readonly Dictionary<uint, int> _adopted = [];
    private readonly Stack<AdoptedRoot> _open = [];

    /// <exception cref="ArgumentException">The image has something else in an immutable place.</exception>
    public void Adopt(IReadOnlyList<AdoptedRoot> roots)
    {
        foreach (var root in roots)
        {
            _open.Push(root);
            while (_open.TryPop(out var pair)) Adopt(pair);
        }
    }

    private void Adopt(AdoptedRoot pair)
    {
        if (!ReferenceCode.IsObject(pair.Code) || !ReferenceCode.IsObject(pair.Raw))
        {
            Require(pair.Code == pair.Raw);
            return;
        }
        var id = ReferenceCode.ObjectOf(pair.Code);
        if (_adopted.TryGetValue(pair.Raw, out var known) || raws[id] != 0)
        {
            Require(known == id && raws[id] == pair.Raw);
            return;
        }
        var number = reader.TypeOf(pair.Raw);
        Require(number >= 0 && graph.DefinitionOf(id) == types.Types[number]);
        _adopted.Add(pair.Raw, id);
        raws[id] = pair.Raw;
        var type = types.Types[number];
        if (type.Kind == CompositeKind.Struct) MatchStruct(type, id, pair.Raw);
        else MatchArray(type, id, pair.Raw);
    }

    private void MatchStruct(CanonicalType type, int id, uint raw)
    {
        var there = new byte[type.ImageBytes];
        reader.ReadStruct(type, raw, there);
        var saved = graph.Fields(id);
        foreach (var field in type.Fields)
        {
            if (!field.IsMutable) Match(field, there.AsSpan(field.ImageOffset, field.Bytes), saved.Slice(field.ImageOffset, field.Bytes));
        }
    }

    private void MatchArray(CanonicalType type, int id, uint raw)
    {
        var element = type.Element;
        Require(reader.LengthOf(raw) == graph.LengthOf(id));
        if (element.IsMutable) return;
        var there = new byte[graph.Elements(id, type).Length];
        reader.ReadArray(type, raw, there);
        var saved = graph.Elements(id, type);
        if (element.Kind is FieldKind.Number or FieldKind.Function)
        {
            Require(saved.SequenceEqual(there));
            return;
        }
        for (var at = 0; at < there.Length; at += element.Bytes) Match(element, there.AsSpan(at, element.Bytes), saved.Slice(at, element.Bytes));
    }

    private void Match(FieldPlan field, ReadOnlySpan<byte> there, ReadOnlySpan<byte> saved)
    {
        if (field.Kind is FieldKind.Number or FieldKind.Function) Require(there.SequenceEqual(saved));
        else _open.Push(new AdoptedRoot(MemoryMarshal.Read<uint>(there), BinaryPrimitives.ReadUInt32LittleEndian(saved)));
    }

    private static void Require(bool isEqual)
    {
        if (!isEqual) throw HeapGraph.Misfit("an immutable global holds something else than the saved one");
    }
}
