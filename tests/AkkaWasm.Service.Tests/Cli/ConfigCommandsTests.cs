using System.Text.Json;
using AkkaWasm.Service.Tests.Configuration;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class ConfigCommandsTests
{
    [Fact]
    public async Task Check_says_what_can_be_served()
    {
        using var folder = new MeshFolder();
        var file = folder.Write("mesh.conf", """akka-wasm.mesh { name = m, agents.a.module = "agents/a.wat" }""");

        Assert.Equal(
            new Outcome(0, $"{file} can be served: mesh 'm' with 1 agent of 1 module in 1 group, 0 sources{Environment.NewLine}", ""), await Terminal.RunAsync("config", "check", file));
        using var json = JsonDocument.Parse((await Terminal.RunAsync("config", "check", file, "--output", "json")).Out);
        Assert.Equal(1, json.RootElement.GetProperty("agents").GetInt32());
    }

    [Fact]
    public async Task Check_of_a_missing_file_is_exit_code_2()
    {
        var outcome = await Terminal.RunAsync("config", "check", "no-such.conf");

        Assert.Equal(new Outcome(2, "", $"error: 'no-such.conf' does not exist at no-such.conf:1:1; check its name and folder{Environment.NewLine}"), outcome);
    }

    [Fact]
    public async Task Print_shows_what_the_file_says_and_where()
    {
        using var folder = new MeshFolder();
        var file = folder.Write("mesh.conf", "p = 7\nakka-wasm.http.port = ${p}");

        var printed = await Terminal.RunAsync("config", "print", file, "--origins");

        Assert.Equal(0, printed.Code);
        Assert.Equal($$"""
            akka-wasm = {  # {{file}}:2:1
              http = {  # {{file}}:2:1
                port = 7  # {{file}}:1:5
              }
            }
            p = 7  # {{file}}:1:5

            """, printed.Out);
    }

    [Theory]
    [InlineData("http.token")]
    [InlineData("data.journal.connection-string")]
    public async Task Print_hides_what_would_let_a_reader_in(string key)
    {
        using var folder = new MeshFolder();
        var file = folder.Write("mesh.conf", $"akka-wasm.{key} = not-for-everybody-to-see");

        var printed = await Terminal.RunAsync("config", "print", file, "--resolved", "--origins");

        Assert.DoesNotContain("not-for-everybody-to-see", printed.Out, StringComparison.Ordinal);
        Assert.Contains($" = \"(hidden)\"  # {file}:1:", printed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Print_resolved_shows_every_setting_of_every_agent()
    {
        using var folder = new MeshFolder();
        var file = folder.Write("mesh.conf", "akka-wasm.mesh.agents.a.module = x");

        using var json = JsonDocument.Parse((await Terminal.RunAsync("config", "print", file, "--resolved", "--output", "json")).Out);

        var root = json.RootElement.GetProperty("akka-wasm");
        Assert.Equal("64 MiB", root.GetProperty("mesh").GetProperty("agents").GetProperty("a").GetProperty("limits").GetProperty("memory").GetString());
        Assert.Equal(8642, root.GetProperty("http").GetProperty("port").GetInt32());
    }
}
