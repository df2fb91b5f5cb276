using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// Writes the initial value of a table that has no null, and that reads globals of other parts. Such a table needs its value when it is made, before any global
/// of the module, so the globals' own values are written in place of them. That is possible where they make no objects, of which there would be two.
/// </summary>
internal sealed class ConstantInliner(ImportResolver resolver)
{
    private const byte GlobalGet = 0x23;

    /// <param name="target">Where the value is written, <c>end</c> included.</param>
    /// <param name="table">The table, for messages.</param>
    /// <param name="value">Where its value lies in its part's file.</param>
    /// <exception cref="ModuleRefusedException">A value makes objects, or is mutable.</exception>
    public void Write(BinaryBuffer target, Item table, Range value)
    {
        Expression(target, table, table.Part, value.Start.Value, value.End.Value - 1, isRead: false);
        target.Byte(Opcodes.End);
    }

    private void Expression(BinaryBuffer target, Item table, Part part, int start, int end, bool isRead)
    {
        var c = part.Cursor(start..end);
        while (!c.AtEnd)
        {
            var at = c.Position;
            var opcode = c.Peek();
            var shape = CodeWalker.Opcode(ref c);
            if (opcode == GlobalGet)
            {
                var origin = resolver.OriginOf(new Item(part, ExternalKind.Global, (int)c.U32()));
                if (origin.Import is null)
                {
                    var layout = origin.Part.Description.GlobalLayouts[origin.Index];
                    Expression(target, table, origin.Part, layout.Start.Value, layout.End.Value - 1, isRead: true);
                    continue;
                }
            }
            else
            {
                if (isRead && shape.Immediates.Contains(Immediate.AllocatedType))
                {
                    throw table.Part.Refusal($"table {table.Index}, whose elements cannot be null, begins with an object that part '{part.Name}' makes in a global; "
                        + "let the table have nullable elements, or make the object in the same part.");
                }
                foreach (var immediate in shape.Immediates) Skip(ref c, part, immediate);
            }
            new InstructionRewriter(part, target).Rewrite(at..c.Position);
        }
    }

    /// <summary>Reads an immediate of a constant instruction.</summary>
    private static void Skip(ref BinaryCursor c, Part part, Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.FunctionReference or Immediate.AllocatedType or Immediate.Type: c.U32(); break;
            case Immediate.Heap: TypeReader.HeapType(ref c, part.TypeContext); break;
            default: CodeWalker.Plain(ref c, immediate); break;
        }
    }
}
