using System.Globalization;
using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Tests.Binary;

/// <summary>What is malformed, too large or not served is refused in one sentence with place and remedy.</summary>
public sealed class RefusalTests
{
    private static readonly byte[] Preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

    [Theory]
    [InlineData("", "preamble", "does not begin with the magic number")]
    [InlineData("7f454c46", "preamble", "does not begin with the magic number")]
    [InlineData("0061736d0100", "preamble", "ends within its version")]
    [InlineData("0061736d02000000", "preamble", "version 2")]
    [InlineData("0061736d0d000100", "preamble", "this is a component and only core modules are served")]
    public void A_file_that_is_no_core_module_is_refused(string hex, string place, string reason) =>
        AssertRefused(Convert.FromHexString(hex), place, reason);

    [Theory]
    [InlineData("01", "unexpected end")]
    [InlineData("0e00", "unknown id 14")]
    [InlineData("0105", "5 bytes but only 0 follow")]
    [InlineData("01ffffffff7f", "too large or too long for 32 bits")]
    [InlineData("01ffffffff0f", "4294967295 bytes but only 0 follow")]
    [InlineData("01808080808000", "too large or too long for 32 bits")]
    public void A_broken_section_header_is_refused(string hex, string reason) =>
        AssertRefused([.. Preamble, .. Convert.FromHexString(hex)], "section headers", reason);

    [Theory]
    [InlineData("1:01600000 1:01600000", "section headers", "the type section stands twice or out of order")]
    [InlineData("3:00 1:00", "section headers", "the type section stands twice or out of order")]
    [InlineData("1:ff", "type section", "unexpected end")]
    [InlineData("1:ffffffff0f", "type section", "4294967295 recursion groups are more than the limit of 1000000 (MaxTypes)")]
    [InlineData("1:8010", "type section", "2048 recursion groups are announced but only 0 bytes follow")]
    [InlineData("1:0160", "type section, type 0", "unexpected end")]
    [InlineData("1:0100", "type section, type 0", "0x00 begins no type")]
    [InlineData("1:01604a", "type section, type 0", "74 parameters are announced but only 0 bytes follow")]
    [InlineData("1:0160014000", "type section, type 0", "0x40 is no value type")]
    [InlineData("1:016001640100", "type section, type 0", "type 1 does not exist")]
    [InlineData("1:01600000aa", "type section, type 0", "ends 1 bytes before its size says")]
    [InlineData("1:0150020000600000", "type section, type 0", "2 supertypes")]
    [InlineData("1:01500100600000", "type section, type 0", "supertype 0 does not exist")]
    [InlineData("1:015d00", "type section, type 0", "stack switching")]
    [InlineData("1:0165600000", "type section, type 0", "shared types (threads) are not served")]
    [InlineData("1:016001680000", "type section, type 0", "continuation references (stack switching) are not served")]
    [InlineData("2:010000", "import section, import 0", "unexpected end")]
    [InlineData("2:0101ff0000", "import section, import 0", "is not UTF-8")]
    [InlineData("2:0100000500", "import section, import 0", "0x05 is no kind of import")]
    [InlineData("3:0100", "function section, function 0", "type 0 does not exist (there are 0)")]
    [InlineData("1:015f00 3:0100", "function section, function 0", "type 0 is no function type")]
    [InlineData("1:01600000 3:0100", "module", "there is no code section")]
    [InlineData("1:01600000 3:0100 10:00", "code section", "0 function bodies stand against 1")]
    [InlineData("4:01700200", "table section, table 0", "a shared table (threads) is not served")]
    [InlineData("4:014001", "table section, table 0", "reserved byte that is not 0")]
    [InlineData("5:010300", "memory section, memory 0", "a shared memory (threads) is not served")]
    [InlineData("5:01080100", "memory section, memory 0", "page size of its own is not served")]
    [InlineData("5:01ff00", "memory section, memory 0", "unknown flags 0xff")]
    [InlineData("13:0101", "tag section, tag 0", "attribute is not 0")]
    [InlineData("6:017f0241000b", "global section, global 0", "shared globals and fields (threads) are not served")]
    [InlineData("6:017f0741000b", "global section, global 0", "mutability is 0x7")]
    [InlineData("6:01630000", "global section, global 0", "type 0 does not exist")]
    [InlineData("6:017f0001410b0b", "global section, global 0", "an instruction in an initial value or an offset is not constant")]
    [InlineData("6:027f0141000b7f0023000b", "global section, global 1", "an initial value or an offset reads global 0, which is mutable")]
    [InlineData("7:0101610000", "export section, export 0", "function 0 does not exist")]
    [InlineData("5:010001 7:020161020001610200", "export section, export 1", "the export name \"a\" is used twice")]
    [InlineData("8:00", "start section", "start function 0 does not exist")]
    [InlineData("9:0108", "element section, element segment 0", "unknown flags 0x8")]
    [InlineData("9:0100", "element section, element segment 0", "needs a table and there is none")]
    [InlineData("12:01", "module", "0 data segments stand against 1")]
    [InlineData("12:02 11:010100", "data section", "1 data segments stand against 2")]
    [InlineData("11:0103", "data section, data segment 0", "unknown flags 0x3")]
    [InlineData("11:0100", "data section, data segment 0", "needs a memory and there is none")]
    [InlineData("11:0101ff01", "data section, data segment 0", "255 bytes are announced but only 0 follow")]
    [InlineData("0:ff01", "custom section", "255 bytes are announced but only 0 follow")]
    public void A_broken_section_is_refused_with_its_place(string sections, string place, string reason) => AssertRefused(Module(sections), place, reason);

    [Theory]
    [InlineData("27", "0x27 is no instruction")]
    [InlineData("fcffff03", "0xfc 65535 is no instruction")]
    [InlineData("fb1f", "0xfb 31 is no instruction")]
    [InlineData("fd9402", "0xfd 276 is no instruction")]
    [InlineData("06", "legacy exception handling")]
    [InlineData("e000", "stack switching")]
    [InlineData("fe00", "threads (atomic instructions) are not served")]
    [InlineData("0e", "11 branch targets are announced but only 0 bytes follow")]
    [InlineData("1005", "function 5 does not exist (there are 1)")]
    [InlineData("2300", "global 0 does not exist (there are 0)")]
    [InlineData("28400000", "memory 0 does not exist")]
    [InlineData("28800100", "a memory access has the alignment 2^128")]
    [InlineData("fc0900", "there is no data count section")]
    [InlineData("fc0d00", "element segment 0 does not exist")]
    [InlineData("d200", "ref.func names function 0, which no element segment, export or initial value declares")]
    [InlineData("1f400104", "unknown kind 4")]
    [InlineData("0261", "0x61 is no value type")]
    [InlineData("1c9f0c", "1567 result types are more than the limit of 1000 (MaxParameters)")]
    [InlineData("0240", "unexpected end")]
    [InlineData("0b", "the body ends 1 bytes before its size says")]
    public void A_broken_body_is_refused_with_its_function(string code, string reason) =>
        AssertRefused(Body(Convert.FromHexString(code)), "code section, function 0", reason);

    [Theory]
    [InlineData("$akkawasm.start")]
    [InlineData("$akkawasm.")]
    public void An_export_under_the_hosts_prefix_is_refused(string name)
    {
        var refusal = Wat.Refused($"""(memory (export "{name}") 1)""");
        Assert.Contains("is kept for the host; rename it", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_function_with_parameters_is_refused() =>
        AssertRefused(Wat.Binary("(func $f (param i32)) (start $f)"), "start section", "the start function 0 has the type (i32) -> (), not () -> ()");

    [Fact]
    public void The_message_names_file_offset_place_and_what_to_do()
    {
        var refusal = Wat.Refused(Module("5:010300"));
        Assert.Equal("guest.wasm: at offset 0xc, in memory section, memory 0: a shared memory (threads) is not served; "
            + "build without it (clang: without -pthread and --shared-memory)", refusal.Message);
        Assert.Equal(("guest.wasm", 12, "memory section, memory 0"), (refusal.File, refusal.Offset!.Value, refusal.Place!));
    }

    public static TheoryData<string, string, ModuleLimits> Limits() => new()
    {
        { "(type (func)) (type (func (param i32)))", "MaxTypes", new ModuleLimits { MaxTypes = 1 } },
        { "(func) (func)", "MaxFunctions", new ModuleLimits { MaxFunctions = 1 } },
        { """(import "a" "b" (func)) (import "a" "c" (func))""", "MaxFunctions", new ModuleLimits { MaxFunctions = 1 } },
        { """(import "a" "b" (func)) (import "a" "c" (func))""", "MaxImports", new ModuleLimits { MaxImports = 1 } },
        { """(memory (export "a") (export "b") 1)""", "MaxExports", new ModuleLimits { MaxExports = 1 } },
        { "(global i32 (i32.const 0)) (global i32 (i32.const 0))", "MaxGlobals", new ModuleLimits { MaxGlobals = 1 } },
        { "(table 0 funcref) (table 0 funcref)", "MaxTables", new ModuleLimits { MaxTables = 1 } },
        { "(memory 0) (memory 0)", "MaxMemories", new ModuleLimits { MaxMemories = 1 } },
        { "(tag) (tag)", "MaxTags", new ModuleLimits { MaxTags = 1 } },
        { """(data "a") (data "b")""", "MaxSegments", new ModuleLimits { MaxSegments = 1 } },
        { "(func $f) (elem func $f) (elem func $f $f)", "MaxSegmentElements", new ModuleLimits { MaxSegmentElements = 2 } },
        { "(func $f) (elem func $f $f)", "MaxComputedElements", new ModuleLimits { MaxComputedElements = 1 } },
        { "(func $f) (table 1 funcref) (global $g i32 (i32.const 0)) (elem (global.get $g) func $f $f)", "MaxComputedElements", new ModuleLimits { MaxComputedElements = 1 } },
        { "(func $f) (table 1 funcref) (elem (i32.add (i32.const 0) (i32.const 0)) func $f $f)", "MaxComputedElements", new ModuleLimits { MaxComputedElements = 1 } },
        { "(func) (memory 1)", "MaxSections", new ModuleLimits { MaxSections = 3 } },
        { "(func (param i32 i32))", "MaxParameters", new ModuleLimits { MaxParameters = 1 } },
        { "(type (struct (field i32) (field i32)))", "MaxStructFields", new ModuleLimits { MaxStructFields = 1 } },
        { "(type (struct (field i32) (field i32))) (type (func (param i32 i32)))", "MaxTypeParts", new ModuleLimits { MaxTypeParts = 3 } },
        {
            "(type $a (sub (func))) (type $b (sub $a (func))) (type $c (sub $b (func)))", "MaxSubtypingDepth",
            new ModuleLimits { MaxSubtypingDepth = 1 }
        },
        { "(func (param i32) (local i32 i64))", "MaxLocals", new ModuleLimits { MaxLocals = 2 } },
        { "(func nop nop nop)", "MaxFunctionBytes", new ModuleLimits { MaxFunctionBytes = 4 } },
        { "(func (block (block)))", "MaxNestingDepth", new ModuleLimits { MaxNestingDepth = 1 } },
        { "(func (br_table 0 0 0 (i32.const 0)))", "MaxBranchTargets", new ModuleLimits { MaxBranchTargets = 1 } },
        { """(func (export "long name"))""", "MaxNameBytes", new ModuleLimits { MaxNameBytes = 8 } },
        { "(func)", "MaxModuleBytes", new ModuleLimits { MaxModuleBytes = 8 } },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Every_limit_is_named_when_it_is_passed(string fields, string name, ModuleLimits limits) =>
        Assert.Contains($"({name})", Wat.Refused(fields, limits).Reason, StringComparison.Ordinal);

    [Fact]
    public void Every_limit_is_tested()
    {
        var tested = Limits().Select(row => (string)row[1]).Distinct().Order();
        Assert.Equal(typeof(ModuleLimits).GetProperties().Where(p => p.PropertyType == typeof(int)).Select(p => p.Name).Order(), tested);
    }

    [Fact]
    public void Blocks_nested_to_the_limit_are_read_without_a_stack()
    {
        const int depth = 200_000;
        byte[] code = [.. Enumerable.Repeat<byte[]>([0x02, 0x40], depth).SelectMany(b => b), .. Enumerable.Repeat((byte)0x0b, depth)];
        Assert.Contains("(MaxNestingDepth)", Wat.Refused(Body(code)).Reason, StringComparison.Ordinal);
        var read = ModuleReader.Read(Body(code), Wat.File, new ModuleLimits { MaxNestingDepth = depth });
        Assert.Single(read.Functions);
    }

    [Fact]
    public void Every_truncation_of_a_module_is_refused_or_a_module()
    {
        var wasm = Wat.Binary("""
            (type $s (struct (field (mut i32)))) (import "env" "f" (func (param i64))) (memory i64 1) (table 2 funcref) (tag)
            (global $g (mut (ref null $s)) (ref.null $s)) (func $f (export "f") (result i32) (i32.const 7)) (start 2) (func)
            (elem (i32.const 0) func $f) (data (i64.const 0) "abc") (data "x")
            """);
        var read = ModuleReader.Read(wasm, Wat.File, ModuleLimits.Default);
        var boundaries = read.Sections.Select(s => s.Offset + s.SizeBytes).Prepend(Preamble.Length).ToHashSet();
        for (var length = 0; length < wasm.Length; length++)
        {
            try
            {
                ModuleReader.Read(wasm.AsMemory(0, length), Wat.File, ModuleLimits.Default);
                Assert.Contains(length, boundaries);
            }
            catch (ModuleRefusedException refusal)
            {
                Assert.True(refusal.Offset <= length, $"{refusal.Message} after {length} bytes");
            }
        }
    }

    private static void AssertRefused(byte[] wasm, string place, string reason)
    {
        var refusal = Wat.Refused(wasm);
        Assert.Equal(place, refusal.Place);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
    }

    /// <summary>Sections as <c>id:content</c> in hexadecimal; sizes are put in.</summary>
    private static byte[] Module(string sections)
    {
        var wasm = new List<byte>(Preamble);
        foreach (var section in sections.Split(' '))
        {
            var (id, content) = (section.Split(':')[0], Convert.FromHexString(section.Split(':')[1]));
            wasm.Add(byte.Parse(id, CultureInfo.InvariantCulture));
            wasm.AddRange(Size(content.Length));
            wasm.AddRange(content);
        }
        return [.. wasm];
    }

    /// <summary>A module with one function <c>() -> ()</c> of that code, its <c>end</c> put in.</summary>
    private static byte[] Body(byte[] code)
    {
        byte[] body = [0, .. code, 0x0b];
        byte[] section = [1, .. Size(body.Length), .. body];
        return [.. Module("1:01600000 3:0100"), 10, .. Size(section.Length), .. section];
    }

    private static byte[] Size(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Size(value >> 7)];
}
