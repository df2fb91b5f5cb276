using System.Text;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>A program whose stack can be put aside and taken up again.</summary>
internal interface IProgramStack
{
    /// <summary>Puts the stack aside; the call of the program returns.</summary>
    void Unwind();

    /// <summary>Called by every call that may have put the stack aside: ends taking it up, if that is going on.</summary>
    void EndRewind();
}

/// <summary>
/// The world's outside in a turn: the time is that of the event, randomness is the turn's, standard input is the event's data, lines of standard
/// output go where the topology says and those of standard error to the log.
/// </summary>
internal sealed class TurnHost(WasiDefinition definition, IProgramStack? stack) : WasiHost
{
    private const int InformationLevel = 2;
    private const int WarningLevel = 3;

    private Turn? turn;
    private WasiLineBuffer? output;
    private WasiLineBuffer? error;
    private ReadOnlyMemory<byte> input;

    public override ulong RealtimeNs => (ulong)Current.NowNs;

    private Turn Current => turn!;

    public void Begin(Turn next)
    {
        turn = next;
        output = error = null;
        input = stack is null ? next.Input.Data : LinesOf(next);
    }

    /// <summary>There is no input in this turn.</summary>
    public void DropInput() => input = default;

    public void Flush()
    {
        output?.Flush();
        error?.Flush();
    }

    public override void FillRandom(Span<byte> destination) => Current.Random(destination);

    public override int ReadInput(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, input.Length);
        input.Span[..count].CopyTo(destination);
        input = input[count..];
        return count;
    }

    /// <summary>Without a next event the end of the input is there to be read.</summary>
    public override bool WaitForInput(ulong timeoutNs) => stack is null || !input.IsEmpty;

    public override bool Suspend()
    {
        stack?.Unwind();
        return stack is not null;
    }

    public override void Resume() => stack?.EndRewind();

    public override void Write(WasiStream stream, ReadOnlySpan<byte> bytes)
    {
        if (stream == WasiStream.Error) (error ??= ToLog(WarningLevel)).Write(bytes);
        else if (definition.OutputTopic is not { } topic) (output ??= ToLog(InformationLevel)).Write(bytes);
        else Publish(topic, bytes);
    }

    private void Publish(string topic, ReadOnlySpan<byte> bytes)
    {
        try
        {
            (output ??= new WasiLineBuffer(Current.IsReplay ? int.MaxValue : definition.Limits.LineBytes, divides: false, line => Current.Publish(topic, line.ToArray()))).Write(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new GuestFaultException(new GuestFault(FaultKind.Limit, "line-bytes", $"The guest wrote {e.Message} (wasi.limits.line-bytes)."));
        }
    }

    private WasiLineBuffer ToLog(int level) =>
        new(definition.Limits.LineBytes, divides: true, line => Current.Log(level, Encoding.UTF8.GetString(line)));

    /// <summary>Input that goes on from event to event: data that does not end its last line gets a line feed.</summary>
    private static ReadOnlyMemory<byte> LinesOf(Turn turn)
    {
        var data = turn.Input.Data;
        return data.IsEmpty || data.Span[^1] == '\n' ? data : (byte[])[.. data.Span, (byte)'\n'];
    }
}
