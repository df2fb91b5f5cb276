using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Snapshots;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>Memories of so many pages that several threads read them, compared with what is there byte by byte.</summary>
public sealed unsafe class MemoryReaderTests
{
    private const int Page = PageBlock.PageBytes;
    private const int Pages = (5 * MemoryReader.PagesPerShare) + 640;
    private const int DiscardedPages = 512;
    private const int Rounds = 24;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_is_written_cleared_or_given_back_between_two_images_is_in_the_second(bool asksKernel)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(Pages * Page, 65536);
        try
        {
            var all = new Span<byte>(memory, Pages * Page);
            all.Fill(7);
            var random = new SplitMix(11);
            MemoryImage? previous = null;
            for (var round = 0; round < Rounds; round++)
            {
                var image = Read(memory, previous, asksKernel, copies: true);
                RequireSame(all, image);
                Assert.Equal(image.Pages.Select(p => p.Hash), Read(memory, null, asksKernel, copies: false).Pages.Select(p => p.Hash));
                Assert.Same(image, Read(memory, image, asksKernel, copies: true));
                previous = random.Below(5) == 0 ? null : image;
                Change(memory, random);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void Blocks_in_which_nothing_changed_are_shared()
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(Pages * Page, 65536);
        try
        {
            new Span<byte>(memory, Pages * Page).Fill(7);
            var first = Read(memory, null, asksKernel: true, copies: true);
            var changed = 3 * MemoryReader.PagesPerShare / PageBlock.PageCount;
            memory[(long)changed * PageBlock.Bytes] = 8;

            var second = Read(memory, first, asksKernel: true, copies: true);

            Assert.Equal(first.BlockNumbers, second.BlockNumbers);
            for (var i = 0; i < first.Blocks.Length; i++) Assert.Equal(i == changed, !ReferenceEquals(first.Blocks[i], second.Blocks[i]));
            Assert.Equal([(ulong)changed * PageBlock.PageCount], second.PagesNotIn(first).Select(p => p.Number));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static MemoryImage Read(byte* memory, MemoryImage? previous, bool asksKernel, bool copies) =>
        new MemoryReader(memory, Pages * Page, previous, copies).ReadTouched(TouchedPages.Find(memory, Pages * Page, asksKernel, previous));

    private static void Change(byte* memory, SplitMix random)
    {
        for (var i = random.Below(6); i >= 0; i--)
        {
            var first = random.Below(Pages - DiscardedPages);
            var run = new Span<byte>(memory + ((long)first * Page), (1 + random.Below(DiscardedPages)) * Page);
            switch (random.Below(5))
            {
                case 0:
                    run.Clear();
                    break;
                case 1:
                    TouchedPages.TryDiscard(memory + ((long)first * Page), DiscardedPages * Page);
                    break;
                case 2:
                    run[random.Below(run.Length)] ^= 0x40;
                    break;
                default:
                    run.Fill((byte)(1 + random.Below(3)));
                    break;
            }
        }
    }

    private static void RequireSame(ReadOnlySpan<byte> memory, MemoryImage image)
    {
        var at = 0;
        foreach (var page in image.Pages)
        {
            var start = (int)page.Number * Page;
            Assert.False(memory[at..start].ContainsAnyExcept((byte)0));
            Assert.True(page.Contents.Span.SequenceEqual(memory.Slice(start, Page)), $"page {page.Number}");
            at = start + Page;
        }
        Assert.False(memory[at..].ContainsAnyExcept((byte)0));
    }
}
