using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

internal sealed record GuestGlobal(string Id, GuestType Type, bool IsMutable);

internal sealed record GuestTable(string Id, GuestType Element, bool Is64, int Size);

internal sealed record GuestMemory(string Id, bool Is64);

internal sealed record GuestTag(string Id, GuestType[] Parameters);

internal sealed record GuestFunction(string Id, DefinedType Type);

/// <summary>A passive segment of bytes.</summary>
internal sealed record GuestData(string Id, int Bytes);

/// <summary>A passive segment of references.</summary>
internal sealed record GuestElements(string Id, GuestType Type, int Count);

/// <summary>What the code of a module can name: its own items and imported ones.</summary>
internal sealed class GuestItems(TypeGenerator types)
{
    public TypeGenerator Types { get; } = types;

    public List<GuestGlobal> Globals { get; } = [];

    public List<GuestTable> Tables { get; } = [];

    public List<GuestMemory> Memories { get; } = [];

    public List<GuestTag> Tags { get; } = [];

    public List<GuestFunction> Functions { get; } = [];

    public List<GuestData> Data { get; } = [];

    public List<GuestElements> Elements { get; } = [];

    /// <summary>One of a list, or null if it is empty.</summary>
    public static T? OneOf<T>(SplitMix random, IReadOnlyList<T> list) where T : class => list.Count == 0 ? null : list[random.Below(list.Count)];
}
