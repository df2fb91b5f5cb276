using System.Text;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>What the host functions find behind the instance that calls them: the turn that runs, and the world if the guest has one.</summary>
internal sealed class GuestContext
{
    private const int MostKeptBytes = 512;

    private Turn? turn;
    private byte[] lastText = [];
    private string lastTextIs = "";

    /// <summary>The world of a guest that imports WASI.</summary>
    public GuestWorld? World { get; init; }

    /// <summary>The turn that runs; host functions are called in turns only.</summary>
    public Turn CurrentTurn => turn ?? throw new InvalidOperationException("The guest called the mesh outside of a turn.");

    public static GuestContext Of(WasmInstance instance) => (GuestContext)instance.HostState!;

    /// <summary>Reads a text that is likely to be the one that was read last: the topic that the guest publishes to.</summary>
    /// <param name="bytes">The text in UTF-8.</param>
    /// <param name="encoding">Reads it if it is another.</param>
    public string TextOf(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        if (bytes.SequenceEqual(lastText)) return lastTextIs;
        var text = encoding.GetString(bytes);
        if (bytes.Length <= MostKeptBytes) (lastText, lastTextIs) = (bytes.ToArray(), text);
        return text;
    }

    public void Begin(Turn next)
    {
        turn = next;
        World?.Begin(next);
    }

    public void End()
    {
        turn = null;
        World?.End();
    }
}
