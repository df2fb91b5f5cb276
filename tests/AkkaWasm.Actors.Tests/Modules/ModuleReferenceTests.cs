using AkkaWasm.Actors.Modules;

namespace AkkaWasm.Actors.Tests.Modules;

/// <summary>Names, versions and ranges.</summary>
public sealed class ModuleReferenceTests
{
    private static readonly string Hash = new('a', 64);

    private static ModuleReference Of(string text) => ModuleReference.TryParse(text, out var reference, out var problem) ? reference : throw new ArgumentException(problem);

    private static ModuleNames Names(params string[] versions) => new(versions.Select((version, i) => new NameEntry($"{i:x64}", new ModuleName("n", version, default, ""))));

    [Theory]
    [InlineData("n", "2.0.0")]
    [InlineData("n@1.2.0", "1.2.0")]
    [InlineData("n@^1.2", "1.10.0")]
    [InlineData("n@~1.2.0", "1.2.9")]
    [InlineData("n@1.x", "1.10.0")]
    [InlineData("n@>=1.2 <1.10", "1.2.9")]
    [InlineData("n@^3.0.0-rc.1", "3.0.0-rc.2")]
    [InlineData("n@3.0.0-rc.1", "3.0.0-rc.1")]
    [InlineData("n@^3", null)]
    [InlineData("n@4.0.0", null)]
    [InlineData("other", null)]
    public void The_newest_version_that_fits_is_meant(string text, string? version) =>
        Assert.Equal(version, Names("1.2.9", "1.10.0", "1.2.0", "2.0.0", "3.0.0-rc.1", "3.0.0-rc.2", "0.1.0").Resolve(Of(text))?.Name?.Version);

    [Fact]
    public void Where_there_is_nothing_else_a_version_that_leads_to_a_release_is_the_newest() => Assert.Equal("1.0.0-b", Names("1.0.0-b", "1.0.0-a").Resolve(Of("n"))!.Name!.Version);

    [Fact]
    public void Collected_content_is_passed_over_unless_the_version_is_said_exactly()
    {
        var names = Names("1.0.0", "1.1.0");
        names.Add(new NameEntry($"{1:x64}", null));
        Assert.Equal("1.0.0", names.Resolve(Of("n@^1"))!.Name!.Version);
        Assert.Equal("1.1.0", names.Resolve(Of("n@1.1.0"))!.Name!.Version);
        names.Add(new NameEntry($"{1:x64}", new ModuleName("n", "1.1.0", default, "again")));
        Assert.Equal("1.1.0", names.Resolve(Of("n@^1"))!.Name!.Version);
    }

    [Theory]
    [InlineData("N@1.0.0")]
    [InlineData("n/m@1.0.0")]
    [InlineData("@1.0.0")]
    [InlineData("n@")]
    [InlineData("n@1.0.0+build")]
    [InlineData("n@one")]
    [InlineData("n.wasm@1.0.0")]
    [InlineData("")]
    public void What_is_none_is_refused_with_a_sentence(string text)
    {
        Assert.False(ModuleReference.TryParse(text, out _, out var problem));
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n@1.0.0", true)]
    [InlineData("n@^1", true)]
    [InlineData("agents/n@1.0.0", false)]
    [InlineData("n.wasm", false)]
    [InlineData("n@2x.wasm", false)]
    [InlineData("n@1.0.0.wat", false)]
    public void A_path_is_told_from_a_name(string text, bool isName) => Assert.Equal(isName, ModuleReference.LooksLikeOne(text));

    [Fact]
    public void A_pinned_file_is_no_name()
    {
        Assert.False(ModuleReference.LooksLikeOne($"n@sha256:{Hash}"));
        Assert.False(ModuleReference.LooksLikeOne($"n@1.0.0@sha256:{Hash}.wasm"));
        Assert.Equal((Hash, null), (Of(Hash).Hash, Of(Hash).Name));
        Assert.Equal(Hash, Of("sha256:" + Hash).Hash);
    }

    [Fact]
    public void Ranges_choose_as_counting_does()
    {
        var random = new Random(7);
        (int, int, int) Version() => (random.Next(4), random.Next(4), random.Next(4));
        for (var round = 0; round < 500; round++)
        {
            var versions = Enumerable.Range(0, random.Next(1, 12)).Select(_ => Version()).Distinct().ToArray();
            var (major, minor, patch) = Version();
            var names = Names([.. versions.Select(v => $"{v.Item1}.{v.Item2}.{v.Item3}")]);
            var from = (major, minor, patch);
            Check($"n@^{major}.{minor}.{patch}", v => v.CompareTo(from) >= 0 && v.Item1 == major && (major > 0 || (v.Item2 == minor && (minor > 0 || v.Item3 == patch))));
            Check($"n@~{major}.{minor}.{patch}", v => v.CompareTo(from) >= 0 && v.Item1 == major && v.Item2 == minor);
            Check($"n@>={major}.{minor}.{patch}", v => v.CompareTo(from) >= 0);
            Check($"n@<{major}.{minor}.{patch}", v => v.CompareTo(from) < 0);
            Check($"n@{major}.{minor}", v => v.Item1 == major && v.Item2 == minor);

            void Check(string reference, Func<(int, int, int), bool> fits)
            {
                var wanted = versions.Where(fits).OrderDescending().Select(v => $"{v.Item1}.{v.Item2}.{v.Item3}").FirstOrDefault();
                Assert.True(wanted == names.Resolve(Of(reference))?.Name?.Version, $"{reference} among {string.Join(' ', versions)}: {names.Resolve(Of(reference))?.Name?.Version} instead of {wanted}");
            }
        }
    }
}
