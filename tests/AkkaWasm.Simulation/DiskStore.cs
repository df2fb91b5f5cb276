using System.Buffers.Binary;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>
/// A store on a simulated disk: a journal of rows, images of agents and the newest two states of the shard, and the note of how far the log reached.
/// A row that was not written whole is rolled back when the store is opened, as a database does it; a damaged one is given as it is, because a
/// database does not notice. Faults are set from outside; every damage can be repaired, as from a copy.
/// </summary>
internal sealed class DiskStore(Dice dice, Observations seen, Sabotage sabotage) : MemoryStore
{
    private const int StatesKept = 2;

    private readonly SimulatedFile journal = new();
    private readonly List<Action> repairs = [];
    private readonly List<int> rows = [];
    private readonly Dictionary<int, long> lastOffsets = [];
    private LogEnd? head;

    /// <summary>The fault of the next append: one of <see cref="Fault.ShortWrite"/>, <see cref="Fault.FailingSync"/>, <see cref="Fault.LostConnection"/>.</summary>
    public Fault Next { get; set; }

    /// <summary>Whether nothing can be written.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether something in the log is not what was written.</summary>
    public bool IsLogDamaged { get; private set; }

    public override LogEnd? Head => sabotage == Sabotage.SkipsTheEndCheck ? null : head;

    /// <summary>Offset of the last record in a row that is synced whole.</summary>
    public override long DurableOffset
    {
        get
        {
            var safe = rows.FindLastIndex(end => end <= journal.Synced);
            return safe < 0 ? Position.None : lastOffsets[rows[safe]];
        }
    }

    public override void Append(LogBlock block)
    {
        var fault = Next;
        Next = Fault.None;
        journal.Truncate(rows.Count == 0 ? 0 : rows[^1]);
        if (IsFull) throw Failed(Fault.FullDisk, "no space is left on the device");
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, block.Bytes.Length);
        journal.Write(length);
        if (fault == Fault.ShortWrite)
        {
            journal.Write(block.Bytes.Span[..dice.Next(block.Bytes.Length)]);
            throw Failed(fault, "the write ended in the middle of the row");
        }
        journal.Write(block.Bytes.Span);
        lastOffsets[journal.Length] = block.Header.LastOffset;
        if (fault == Fault.FailingSync) throw Failed(fault, "the sync failed");
        if (sabotage != Sabotage.CommitsWithoutSync) journal.Sync();
        if (fault == Fault.LostConnection) throw Failed(fault, "the connection was lost before the answer came");
        rows.Add(journal.Length);
        base.Append(block);
        head = new LogEnd(Blocks.Count, block.Header.LastOffset, block.Header.Checksum);
    }

    public override void SaveState(int blocks, ReadOnlyMemory<byte> state)
    {
        if (IsFull || LosesSnapshot()) return;
        base.SaveState(blocks, state);
        if (States.Count > StatesKept) States.RemoveAt(0);
    }

    public override void SaveImage(AgentImage image)
    {
        if (IsFull) throw Failed(Fault.FullDisk, "no space is left on the device");
        base.SaveImage(image);
    }

    public override void SaveBase(int blocks, ReadOnlyMemory<byte> state)
    {
        if (IsFull) throw Failed(Fault.FullDisk, "no space is left on the device");
        base.SaveBase(blocks, state);
    }

    /// <summary>Whether snapshots are lost now and then.</summary>
    public bool LosesSnapshots { get; set; }

    /// <summary>Opens the store anew after the process, or the machine, died.</summary>
    public void Reopen(bool powerLoss)
    {
        Next = Fault.None;
        if (powerLoss)
        {
            if (IsLogDamaged) Repair(); // damage that nobody has noticed does not get mixed up with what is lost
            journal.LosePower(dice);
            if (dice.OneIn(2)) head = null;
        }
        ReadRows();
        if (sabotage == Sabotage.DropsADamagedTail) DropDamagedTail();
        if (sabotage != Sabotage.LosesACommittedBlock || Blocks.Count <= 3) return;
        Blocks.RemoveAt(Blocks.Count - 1);
        rows.RemoveAt(rows.Count - 1);
        States.RemoveAll(s => s.Blocks > Blocks.Count);
        head = null;
    }

    public bool DamageLog()
    {
        if (IsLogDamaged || Blocks.Count == Removed) return false;
        var row = Removed + dice.Next(Blocks.Count - Removed);
        var start = row == 0 ? 0 : rows[row - 1];
        var (at, bit) = (start + 4 + dice.Next(Blocks[row].Length), dice.Next(8));
        Flip();
        repairs.Add(Flip);
        return IsLogDamaged = true;

        void Flip()
        {
            journal.Flip(at, bit);
            ReadRows();
        }
    }

    /// <summary>Takes the last rows away; only where somebody could notice.</summary>
    public bool LoseTail()
    {
        if (IsLogDamaged || head is null || Blocks.Count < 2 || Blocks.Count - 4 < Removed) return false;
        var last = Math.Max(0, rows.Count - 2 - dice.Next(2));
        if (last + 1 >= head?.Rows) return false; // only a row is gone that nobody was told of
        var from = rows[last];
        var tail = journal.Read(from, journal.Length - from);
        journal.Truncate(from);
        ReadRows();
        repairs.Add(() =>
        {
            journal.Truncate(from);
            journal.Write(tail);
            journal.Sync();
            ReadRows();
        });
        return IsLogDamaged = true;
    }

    /// <summary>Often the newest of an agent, which is the one that is needed. An image that a fork begins with is spared: it has no other, and the log may not reach back to before it any more.</summary>
    public bool DamageImage()
    {
        if (IsLogDamaged || seen.Requests.Exists(r => r is { Name: not null, Answers: 0 })) return false;
        HashSet<(int Incarnation, long Input)> only = [.. Records().OfType<LineageRecord>().Where(l => l.Image is { } i && i.Agent != l.Agent).Select(l => (l.Image!.Incarnation, l.Image.Input))];
        var images = Images.Where(i => !only.Contains((i.Key.Incarnation, i.Key.Input))).OrderBy(i => i.Key).ToArray();
        if (images.Length == 0) return false;
        if (dice.OneIn(2)) images = [.. images.GroupBy(i => i.Key.Agent).Select(its => its.MaxBy(i => i.Key.Input))];
        var image = images[dice.Next(images.Length)].Value;
        image[dice.Next(image.Length)] ^= (byte)(1 << dice.Next(8));
        return true;
    }

    public bool DamageState()
    {
        if (States.Count == 0) return false;
        var state = (dice.OneIn(2) ? States[^1] : dice.Of(States)).State;
        state[dice.Next(state.Length)] ^= (byte)(1 << dice.Next(8));
        return true;
    }

    /// <summary>Puts the log back to what was written.</summary>
    public void Repair()
    {
        foreach (var repair in repairs) repair();
        repairs.Clear();
        IsLogDamaged = false;
    }

    private bool LosesSnapshot()
    {
        if (!LosesSnapshots || !dice.OneIn(4)) return false;
        seen.Count(Fault.LostSnapshot);
        return true;
    }

    private StoreException Failed(Fault fault, string why)
    {
        seen.Count(fault);
        return new StoreException(why);
    }

    /// <summary>Reads the file; what is not a whole row at its end is rolled back.</summary>
    private void ReadRows()
    {
        ForgetDecoded();
        Blocks.Clear();
        rows.Clear();
        var at = 0;
        while (at + 4 <= journal.Length)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(journal.Read(at, 4));
            if (at + 4 + length > journal.Length) break;
            Blocks.Add(journal.Read(at + 4, length));
            rows.Add(at += 4 + length);
        }
        journal.Truncate(at);
    }

    private void DropDamagedTail()
    {
        for (var row = 0; row < Blocks.Count; row++)
        {
            try
            {
                BlockCodec.Read(Blocks[row], out _);
            }
            catch (LogCorruptException)
            {
                (head, IsLogDamaged) = (null, false);
                repairs.Clear();
                journal.Truncate(row == 0 ? 0 : rows[row - 1]);
                ReadRows();
                States.RemoveAll(s => s.Blocks > Blocks.Count);
            }
        }
    }
}

/// <summary>How far the log had reached when it was last committed.</summary>
internal readonly record struct LogEnd(int Rows, long LastOffset, ulong Checksum);

/// <summary>The store could not do it, or cannot say whether it did.</summary>
internal sealed class StoreException(string message) : Exception(message);
