using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// In which order objects can be made: what an immutable field refers to must be there before its object. Immutable fields form no cycles, since
/// nothing could have made one. Otherwise the last found come first, so that most references lead to objects that are there already.
/// </summary>
internal sealed class CreationOrder
{
    private readonly HeapGraph _graph;
    private readonly State[] _states;
    private readonly int[] _order;
    private readonly Stack<(int Id, int Next)> _open = [];
    private int _count;

    private enum State : byte
    {
        Waiting,
        Open,
        Done,
    }

    private CreationOrder(HeapGraph graph)
    {
        _graph = graph;
        _states = new State[graph.Count];
        _order = new int[graph.Count];
    }

    /// <exception cref="ArgumentException">Immutable fields form a cycle.</exception>
    public static int[] Of(HeapGraph graph)
    {
        var order = new CreationOrder(graph);
        if (!graph.HasPrerequisites)
        {
            for (var i = 0; i < order._order.Length; i++) order._order[i] = graph.Count - 1 - i;
            return order._order;
        }
        for (var id = graph.Count - 1; id >= 0; id--) order.Visit(id);
        return order._order;
    }

    private void Visit(int root)
    {
        if (_states[root] == State.Done) return;
        Open(root);
        while (_open.TryPop(out var top))
        {
            var next = top.Next;
            var waiting = NextWaiting(top.Id, ref next);
            if (waiting < 0)
            {
                _states[top.Id] = State.Done;
                _order[_count++] = top.Id;
                continue;
            }
            _open.Push((top.Id, next));
            Open(waiting);
        }
    }

    private void Open(int id)
    {
        if (_states[id] == State.Open) throw HeapGraph.Misfit($"object {id} is part of itself");
        _states[id] = State.Open;
        _open.Push((id, 0));
    }

    /// <summary>The next object that must be there before this one and is not, or -1.</summary>
    private int NextWaiting(int id, ref int next)
    {
        switch (_graph.DefinitionOf(id))
        {
            case CanonicalType { Kind: CompositeKind.Struct } type:
                return NextField(id, type.Prerequisites, ref next);
            case CanonicalType { Prerequisites.Length: > 0 } type:
                return NextElement(_graph.Elements(id, type), ref next);
            case ExceptionTag tag:
                return NextField(id, tag.References, ref next);
            default:
                return -1;
        }
    }

    private int NextField(int id, FieldPlan[] fields, ref int next)
    {
        var bytes = _graph.Fields(id);
        while (next < fields.Length)
        {
            if (Waiting(MemoryMarshal.Read<uint>(bytes[fields[next++].ImageOffset..])) is var waiting and >= 0) return waiting;
        }
        return -1;
    }

    private int NextElement(ReadOnlySpan<byte> elements, ref int next)
    {
        var codes = MemoryMarshal.Cast<byte, uint>(elements);
        while (next < codes.Length)
        {
            if (Waiting(codes[next++]) is var waiting and >= 0) return waiting;
        }
        return -1;
    }

    private int Waiting(uint code)
    {
        if (!ReferenceCode.IsObject(code)) return -1;
        var id = ReferenceCode.ObjectOf(code);
        return _states[id] == State.Done ? -1 : id;
    }
}
