using System.Text.RegularExpressions;

namespace AkkaWasm.Repository.Tests;

public sealed partial class TidyTests
{
    private const int MaxFileLines = 600;
    private const int MaxMethodLines = 70;
    private const int MaxLineLength = 200;
    private const int MaxTestLineLength = 260;

    [Fact]
    public void No_source_file_is_longer_than_six_hundred_lines() =>
        None(Repository.Sources.Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count())).Where(f => f.Lines > MaxFileLines));

    [Fact]
    public void No_line_is_longer_than_a_screen_and_a_half() =>
        None(from file in Repository.Sources
             let limit = Repository.Relative(file).StartsWith("src", StringComparison.Ordinal) ? MaxLineLength : MaxTestLineLength
             from line in File.ReadLines(file).Select((text, i) => (Number: i + 1, WithoutTexts().Replace(text, "").Length))
             where line.Length > limit
             select $"{Repository.Relative(file)}:{line.Number}");

    [Fact]
    public void No_method_is_longer_than_seventy_lines() =>
        None(Repository.Sources.SelectMany(LongBodies));

    [Fact]
    public void Nothing_is_left_for_later() =>
        None(from file in Repository.Sources
             where !file.EndsWith("TidyTests.cs", StringComparison.Ordinal)
             from line in File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1))
             where Later().IsMatch(line.Text)
             select $"{Repository.Relative(file)}:{line.Number}");

    [Fact]
    public void Files_and_folders_named_in_documents_exist()
    {
        var missing = from document in Repository.Documents
                      from Match match in PathInDocument().Matches(File.ReadAllText(document))
                      let path = match.Groups[1].Value
                      where !Exists(document, path)
                      select $"{Repository.Relative(document)}: {path}";
        None(missing);
    }

    [Fact]
    public void Every_test_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "AkkaWasm.sln"));
        None(Repository.Files("*.csproj").Select(Path.GetFileName).Where(p => !solution.Contains(p!, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_version_stands_outside_the_one_list() =>
        None(Repository.Files("*.csproj").Where(f => VersionInProject().IsMatch(File.ReadAllText(f))).Select(Repository.Relative));

    private static void None<T>(IEnumerable<T> found) => Assert.Empty(found);

    private static IEnumerable<string> LongBodies(string file)
    {
        var start = -1;
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line == "    {") start = number;
            if (line != "    }" || start < 0) continue;
            if (number - start > MaxMethodLines && !IsType(file, start)) yield return $"{Repository.Relative(file)}:{start}: {number - start} lines";
            start = -1;
        }
    }

    private static bool IsType(string file, int braceLine) =>
        TypeDeclaration().IsMatch(string.Join(' ', File.ReadLines(file).Skip(Math.Max(0, braceLine - 4)).Take(Math.Min(3, braceLine - 1))));

    private static bool Exists(string document, string path)
    {
        string[] roots = [Repository.Root, Path.GetDirectoryName(document)!];
        return roots.Any(root => Path.Exists(Path.Combine(root, path)));
    }

    [GeneratedRegex("\\b(TODO|FIXME|HACK|XXX|NotImplementedException)\\b")]
    private static partial Regex Later();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex WithoutTexts();

    [GeneratedRegex("`((?:src|tests|config|scripts|\\.ci)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex PathInDocument();

    [GeneratedRegex("PackageReference[^>]* Version=")]
    private static partial Regex VersionInProject();

    [GeneratedRegex("\\b(class|struct|record|interface|enum)\\b")]
    private static partial Regex TypeDeclaration();
}
