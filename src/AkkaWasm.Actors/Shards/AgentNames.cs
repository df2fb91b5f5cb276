using System.Collections;

namespace AkkaWasm.Actors.Shards;

/// <summary>
/// Names of agents by their numbers. The shard's actor writes, any thread reads. A shard that recovers writes all again: what was not committed may
/// have got another number.
/// </summary>
internal sealed class AgentNames : IReadOnlyList<string>
{
    private volatile string[] names = [];
    private int count;

    public int Count => Volatile.Read(ref count);

    public string this[int index] => names[index];

    public void Set(int number, string name)
    {
        var grown = names;
        if (number >= grown.Length)
        {
            Array.Resize(ref grown, Math.Max(64, number * 2));
            names = grown;
        }
        grown[number] = name;
        if (number >= count) Volatile.Write(ref count, number + 1);
    }

    public IEnumerator<string> GetEnumerator() => names.Take(Count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
