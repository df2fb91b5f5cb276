using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>Seeded damage to binaries: number n of a seed is always the same bytes.</summary>
internal sealed class Mutations(IReadOnlyList<ScriptModule> binaries, ulong seed)
{
    private delegate byte[] Mutation(byte[] wasm, Mutations all, SplitMix random);

    private static readonly (string Name, Mutation Apply)[] Kinds =
    [
        ("nudge a byte", NudgeByte),
        ("change code", ChangeCode),
        ("change code", ChangeCode),
        ("flip bits", FlipBits),
        ("change bytes", ChangeBytes),
        ("truncate", Truncate),
        ("insert or delete bytes", InsertOrDelete),
        ("double a section", DoubleSection),
        ("splice a section of another module", Splice),
        ("swap sections", SwapSections),
        ("blow up a number", BlowUpNumber),
    ];

    private static readonly byte[][] HugeNumbers =
    [
        [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x80, 0x08], [0xff, 0xff, 0x7f],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ];

    private const int MostTries = 32;

    /// <summary>Every second one is tried again until the reader takes it, so that the library gets its share.</summary>
    public ScriptModule Mutant(int number)
    {
        var random = new SplitMix(seed ^ ((ulong)number * 0xd1342543de82ef95));
        var mutant = Mutant(number, random);
        for (var tries = 1; number % 2 == 1 && tries < MostTries && !IsReadable(mutant); tries++) mutant = Mutant(number, random);
        return mutant;
    }

    private static bool IsReadable(ScriptModule module)
    {
        try
        {
            ModuleReader.Read(module.Source, module.Name, ModuleLimits.Default);
            return true;
        }
        catch (ModuleRefusedException)
        {
            return false;
        }
    }

    private ScriptModule Mutant(int number, SplitMix random)
    {
        var original = binaries[random.Below(binaries.Count)];
        var (kind, apply) = Kinds[random.Below(Kinds.Length)];
        var mutant = original.Source.Length < 9 ? ChangeBytes(original.Source, this, random) : apply(original.Source, this, random);
        return new ScriptModule($"mutation {number} of seed {seed} ({kind} in {original.Name})", ModuleForm.Binary, Expectation.Malformed, mutant);
    }

    private static byte[] FlipBits(byte[] wasm, Mutations all, SplitMix random)
    {
        var mutant = (byte[])wasm.Clone();
        for (var n = random.Below(4); n >= 0; n--) mutant[8 + random.Below(mutant.Length - 8)] ^= (byte)(1 << random.Below(8));
        return mutant;
    }

    private static byte[] NudgeByte(byte[] wasm, Mutations all, SplitMix random)
    {
        var mutant = (byte[])wasm.Clone();
        mutant[8 + random.Below(mutant.Length - 8)] += (byte)(random.Below(2) == 0 ? 1 : 255);
        return mutant;
    }

    /// <summary>Damages function bodies only, so that much of it is found by validation or not at all.</summary>
    private static byte[] ChangeCode(byte[] wasm, Mutations all, SplitMix random)
    {
        const int codeSection = 10;
        var code = Sections(wasm).Find(s => wasm[s.Start.Value] == codeSection);
        var start = code.Start.Value + 4;
        if (code.End.Value <= start) return NudgeByte(wasm, all, random);
        var mutant = (byte[])wasm.Clone();
        var at = start + random.Below(code.End.Value - start);
        if (random.Below(3) == 0) mutant[at] = (byte)random.Next();
        else mutant[at] ^= (byte)(1 << random.Below(4));
        return mutant;
    }

    private static byte[] ChangeBytes(byte[] wasm, Mutations all, SplitMix random)
    {
        var mutant = (byte[])wasm.Clone();
        for (var n = random.Below(8); n >= 0 && mutant.Length > 0; n--) mutant[random.Below(mutant.Length)] = (byte)random.Next();
        return mutant;
    }

    private static byte[] Truncate(byte[] wasm, Mutations all, SplitMix random) => wasm[..random.Below(wasm.Length)];

    private static byte[] InsertOrDelete(byte[] wasm, Mutations all, SplitMix random)
    {
        var at = 8 + random.Below(wasm.Length - 8);
        var count = Math.Min(1 + random.Below(5), wasm.Length - at);
        if (random.Below(2) == 0) return [.. wasm[..at], .. wasm[(at + count)..]];
        var inserted = new byte[count];
        for (var i = 0; i < count; i++) inserted[i] = (byte)random.Next();
        return [.. wasm[..at], .. inserted, .. wasm[at..]];
    }

    private static byte[] DoubleSection(byte[] wasm, Mutations all, SplitMix random)
    {
        var sections = Sections(wasm);
        var doubled = sections[random.Below(sections.Count)];
        return [.. wasm[..doubled.End.Value], .. wasm[doubled], .. wasm[doubled.End.Value..]];
    }

    private static byte[] Splice(byte[] wasm, Mutations all, SplitMix random)
    {
        var donor = all.Donor(random);
        var donated = Sections(donor);
        var section = donor[donated[random.Below(donated.Count)]];
        var sections = Sections(wasm);
        var same = sections.FindIndex(s => wasm[s.Start.Value] == section[0]);
        var target = same >= 0 ? sections[same] : sections[random.Below(sections.Count)];
        var resume = same >= 0 ? target.End.Value : target.Start.Value;
        return [.. wasm[..target.Start.Value], .. section, .. wasm[resume..]];
    }

    private static byte[] SwapSections(byte[] wasm, Mutations all, SplitMix random)
    {
        var sections = Sections(wasm);
        if (sections.Count < 2) return Truncate(wasm, all, random);
        var first = random.Below(sections.Count - 1);
        var (a, b) = (sections[first], sections[first + 1]);
        return [.. wasm[..a.Start.Value], .. wasm[b], .. wasm[a], .. wasm[b.End.Value..]];
    }

    /// <summary>Puts a huge number into a section, often over its count, and corrects the section's size.</summary>
    private static byte[] BlowUpNumber(byte[] wasm, Mutations all, SplitMix random)
    {
        var sections = Sections(wasm);
        var section = sections[random.Below(sections.Count)];
        var start = section.Start.Value + 1;
        while (start < section.End.Value - 1 && wasm[start] >= 0x80) start++;
        start++;
        var length = section.End.Value - start;
        if (length <= 0) return FlipBits(wasm, all, random);
        var at = start + (random.Below(2) == 0 ? 0 : random.Below(length));
        var number = HugeNumbers[random.Below(HugeNumbers.Length)];
        byte[] content = [.. wasm[start..at], .. number, .. wasm[(at + 1)..section.End.Value]];
        return [.. wasm[..(section.Start.Value + 1)], .. Leb(content.Length), .. content, .. wasm[section.End.Value..]];
    }

    private byte[] Donor(SplitMix random)
    {
        while (true)
        {
            var donor = binaries[random.Below(binaries.Count)].Source;
            if (donor.Length > 8) return donor;
        }
    }

    /// <summary>The sections with their headers as far as they can be told; in a damaged binary the rest counts as one.</summary>
    private static List<Range> Sections(byte[] wasm)
    {
        var sections = new List<Range>();
        for (var start = 8; start < wasm.Length;)
        {
            var at = start + 1;
            ulong size = 0;
            for (var shift = 0; at < wasm.Length && shift < 35; shift += 7)
            {
                size |= (ulong)(wasm[at] & 0x7f) << shift;
                if (wasm[at++] < 0x80) break;
            }
            var end = (int)Math.Min((ulong)at + size, (ulong)wasm.Length);
            sections.Add(start..end);
            start = end;
        }
        return sections;
    }

    private static byte[] Leb(int value)
    {
        var bytes = new List<byte>();
        for (var rest = (uint)value; ; rest >>= 7)
        {
            if (rest < 0x80) return [.. bytes, (byte)rest];
            bytes.Add((byte)(rest | 0x80));
        }
    }
}
