using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_lists_the_exit_codes()
    {
        var help = await Terminal.RunAsync("--help");

        Assert.Equal(0, help.Code);
        foreach (var (code, meaning) in ExitCodes.Table) Assert.Contains($"  {(int)code,-3} {meaning}", help.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_exit_code_stands_in_the_table_once() =>
        Assert.Equal(Enum.GetValues<ExitCode>(), await Task.FromResult(ExitCodes.Table.Select(row => row.Code)));

    [Theory]
    [InlineData("error: required argument missing for command: 'check'; see akkawasm config check --help", "config", "check")]
    [InlineData("error: required command was not provided; see akkawasm config --help", "config")]
    public async Task Bad_usage_is_one_sentence_and_exit_code_2(string sentence, params string[] args)
    {
        var outcome = await Terminal.RunAsync(args);

        Assert.Equal(new Outcome(2, "", sentence + Environment.NewLine), outcome);
    }

    [Theory]
    [InlineData("--output", "json")]
    [InlineData("--output=json")]
    public async Task With_json_output_an_error_is_an_object(params string[] option)
    {
        var outcome = await Terminal.RunAsync(["config", "check", .. option]);

        Assert.Equal(2, outcome.Code);
        Assert.Equal(
            """{"title":"bad usage, configuration or module","detail":"required argument missing for command: 'check'; see akkawasm config check --help","exit_code":2}""" + Environment.NewLine,
            outcome.Error);
    }
}
