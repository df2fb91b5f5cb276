namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Puts an image together of pages that come in rising order.</summary>
internal sealed class ImageAssembly(ulong sizeBytes)
{
    private readonly List<ulong> _numbers = [];
    private readonly List<PageBlock> _blocks = [];
    private readonly BlockBuilder _builder = new();
    private ulong _next;

    /// <summary>Whether a page of that number can follow.</summary>
    public bool Accepts(ulong number) => number >= _next && number < sizeBytes / PageBlock.PageBytes;

    public void Add(ulong number, ReadOnlyMemory<byte> contents)
    {
        if (_next != 0 && number / PageBlock.PageCount != (_next - 1) / PageBlock.PageCount) FinishBlock();
        _builder.Add((int)(number % PageBlock.PageCount), contents, default);
        _next = number + 1;
    }

    public MemoryImage Finish()
    {
        if (_next != 0) FinishBlock();
        return new MemoryImage(sizeBytes, [.. _numbers], [.. _blocks]);
    }

    private void FinishBlock()
    {
        _numbers.Add((_next - 1) / PageBlock.PageCount);
        _blocks.Add(_builder.Finish(withHashes: false, null)!);
    }
}
