using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Tests.Instances;

/// <summary>Pages of the process that memories of guests lie on.</summary>
public sealed unsafe partial class MappedRangeTests
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymousNotOverOthers = 0x02 | 0x20 | 0x100000;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void What_is_mapped_where_pages_moved_away_from_stays_when_their_range_is_given_back(int capacityOfOpened)
    {
        if (!OperatingSystem.IsLinux()) return;
        var opened = (nuint)(1 << 20);
        var budget = new HostMemoryBudget(long.MaxValue);
        var small = MappedRange.TryCreate(budget, opened * (nuint)capacityOfOpened, (nuint)Environment.SystemPageSize)!;
        var large = MappedRange.TryCreate(budget, opened * 8, (nuint)Environment.SystemPageSize)!;
        Assert.True(small.TryOpen(opened) && large.TryOpen(opened * 2));
        small.Base[7] = 42;
        Assert.True(large.TryTakeContents(small, opened));

        var other = Map(small.Base, opened, ReadWrite, PrivateAnonymousNotOverOthers, -1, 0);
        Assert.Equal((nint)small.Base, (nint)other);
        small.Release(opened);

        Assert.Equal(0, Synchronize(other, opened, 1)); // fails with ENOMEM where nothing is mapped
        Assert.Equal(42, large.Base[7]);
        Assert.Equal(0, Unmap(other, opened));
        large.Release(opened * 2);
        Assert.Equal(0, budget.Mappings);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "msync")]
    private static partial int Synchronize(void* address, nuint length, int flags);
}
