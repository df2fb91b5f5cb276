using System.Text;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class MutationTests
{
    private const int Mutations = 20_000;

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ",", "\n", "=", ":", "+=", "\"", "\"\"\"", "\\", "\\u", "${", "${?", "}", "$", "#", "//", "include ", "include file(", "required(", ".", "..",
        "a", "a=${a}", "a=${b},b=${a}", "${?a.b}", " ", "\t", "\0", "\uFEFF", "\ud800", "null", "-1e", "0x", "\r\n", "[]", "{}",
    ];

    [SharedHoconFact]
    public void Mutated_sample_files_end_in_a_value_or_in_a_sentence()
    {
        string[] samples = [.. Directory.GetFiles(SharedHoconFiles.Folder, "*.*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is ".conf" or ".json" or ".properties")
            .Order(StringComparer.Ordinal)];
        using TemporaryFolder folder = new();
        HoconReaderOptions options = new() { Limits = HoconLimits.Default with { MaxResolveSteps = 100_000 } };
        int values = 0, refusals = 0;
        for (int seed = 0; seed < Mutations; seed++)
        {
            string sample = samples[seed % samples.Length];
            string text = Mutate(File.ReadAllText(sample), new Random(seed));
            try
            {
                HoconObject root = Read(sample, text, folder, options, seed);
                Assert.Equal<HoconValue>(root, Conf.Resolve(HoconRenderer.Render(root)));
                values++;
            }
            catch (HoconException error)
            {
                Assert.NotEmpty(error.Remedy);
                Assert.True(error.Origin.Line >= 1 && error.Origin.Column >= 1, $"seed {seed}: {error.Message}");
                refusals++;
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed} of {sample}: {error}");
            }
        }
        Assert.True(values > Mutations / 20 && refusals > Mutations / 20, $"{values} values, {refusals} refusals");
    }

    private static HoconObject Read(string sample, string text, TemporaryFolder folder, HoconReaderOptions options, int seed)
    {
        if (Path.GetExtension(sample) != ".properties")
            return HoconReader.ReadText(text, "mutated.conf", options, Path.GetDirectoryName(sample)).Resolve();
        return HoconReader.ReadFile(folder.Write($"{seed % 8}.properties", text.Replace("\ud800", "", StringComparison.Ordinal)), options).Resolve();
    }

    private static string Mutate(string text, Random random)
    {
        StringBuilder mutated = new(text);
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            int at = random.Next(mutated.Length + 1);
            int length = Math.Min(random.Next(1, 12), mutated.Length - at);
            switch (random.Next(5))
            {
                case 0:
                    mutated.Remove(at, length);
                    break;
                case 1:
                    mutated.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 2:
                    mutated.Insert(random.Next(mutated.Length + 1), mutated.ToString(at, length));
                    break;
                case 3:
                    mutated.Length = at;
                    break;
                default:
                    mutated.Remove(at, length).Insert(at, (char)random.Next(1, 0x180));
                    break;
            }
        }
        return mutated.ToString();
    }
}
