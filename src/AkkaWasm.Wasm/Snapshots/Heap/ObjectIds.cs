namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// The codes of objects by raw reference. Objects lie at multiples of 8 in a heap of at most 4 GiB, so a table of pages finds them without hashing,
/// and neighbours in the heap are neighbours here.
/// </summary>
internal sealed class ObjectIds
{
    private const int PageBits = 15;
    private const int Alignment = 8;

    private uint[]?[] _pages = new uint[]?[16];

    /// <summary>The place of the object's code, which is 0 until it is set.</summary>
    public ref uint this[uint raw]
    {
        get
        {
            if (raw % Alignment != 0) throw new InvalidOperationException($"An object lies at {raw}, not at a multiple of {Alignment}.");
            var page = (int)(raw >> PageBits);
            if (page >= _pages.Length) Array.Resize(ref _pages, Math.Max(page + 1, _pages.Length * 2));
            var codes = _pages[page] ??= new uint[(1 << PageBits) / Alignment];
            return ref codes[(raw & ((1 << PageBits) - 1)) / Alignment];
        }
    }
}
