using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace AkkaWasm.Mesh.Events;

/// <summary>
/// Derives what need not be stored. The id of an emitted event follows from (mesh, agent, incarnation, input position, index), so that
/// a repeated turn emits the same ids and a new incarnation emits new ones.
/// </summary>
/// <param name="meshName">Name of the mesh.</param>
/// <param name="agentName">Gives the name of an agent in one of its lives, by its number and the incarnation.</param>
public sealed class EventIdentity(string meshName, Func<int, int, string> agentName)
{
    /// <summary>The CloudEvents <c>id</c> of an event of the log.</summary>
    public string IdOf(MeshEvent e) => e.Id ?? (e.Origin is EventOrigin.Lifecycle or EventOrigin.DeadLetter or EventOrigin.Timer or EventOrigin.Released
        ? $"{meshName}-{e.Epoch}-{e.Offset}"
        : Derive(meshName, agentName(e.Agent, e.Incarnation), e.Incarnation, e.Cause, e.Index));

    /// <summary>The CloudEvents <c>source</c> of an event of the log, a URI reference.</summary>
    public string SourceOf(MeshEvent e) => e.Source ?? (e.Agent >= 0 && e.Origin is EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply
        ? $"/meshes/{meshName}/agents/{agentName(e.Agent, e.Incarnation)}"
        : $"/meshes/{meshName}");

    /// <summary>The id of the event number <paramref name="index"/> that a turn emits: 32 hexadecimal digits.</summary>
    public static string Derive(string mesh, string agent, int incarnation, long input, int index)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(mesh));
        hash.Append("\0"u8);
        hash.Append(Encoding.UTF8.GetBytes(agent));
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], input);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[12..], index);
        hash.Append(numbers);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>A number that a guest holds for a timer or request it made in a turn: positive, the same whenever the turn is repeated.</summary>
    public static long Handle(int agent, int incarnation, long input, int index)
    {
        Span<byte> numbers = stackalloc byte[20];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, agent);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], input);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[16..], index);
        return (long)(XxHash64.HashToUInt64(numbers) & long.MaxValue) | 1;
    }
}
