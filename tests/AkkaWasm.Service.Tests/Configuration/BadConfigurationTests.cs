namespace AkkaWasm.Service.Tests.Configuration;

public sealed class BadConfigurationTests
{
    public static TheoryData<string, string> Sentences => new()
    {
        // unknown keys
        { "akka-wasm.http.prt = 1", "unknown key 'prt' in akka-wasm.http at mesh.conf:1:1; did you mean 'port'?" },
        { "akka-wasm.mesh.agents.a { modul = x }", "unknown key 'modul' in akka-wasm.mesh.agents.a at mesh.conf:1:27; did you mean 'module'?" },
        { "akka-wasm.mesh.defaults.agent.limits.memry = 1", "unknown key 'memry' in akka-wasm.mesh.defaults.agent.limits at mesh.conf:1:1; did you mean 'memory'?" },
        { "akka-wsm { }", "unknown key 'akka-wsm' at mesh.conf:1:1; did you mean 'akka-wasm'?" },
        // types and ranges
        { "akka-wasm.http.port = many", "'akka-wasm.http.port' must be a whole number from 0 to 65535 but is the string 'many' at mesh.conf:1:23; write digits without a unit" },
        { "akka-wasm.http.port = 70000", "'akka-wasm.http.port' must be a whole number from 0 to 65535 but is 70000 at mesh.conf:1:23; write digits without a unit" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", limits.memory = 1 KiB }",
            "'akka-wasm.mesh.agents.a.limits.memory' must be a size of at least 65536 bytes but is 1024 bytes at mesh.conf:1:68; write another size"
        },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", limits.deadline = 0 }",
            "'akka-wasm.mesh.agents.a.limits.deadline' must be a duration from 0.0001 ms to 31622400 s but is 0 ms at mesh.conf:1:70; write another duration"
        },
        { "akka-wasm.mesh.agents = 3", "'akka-wasm.mesh.agents' must be an object but is 3 at mesh.conf:1:25; write fields in braces" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", subscribe = quakes }",
            "'akka-wasm.mesh.agents.a.subscribe' must be a list but is the string 'quakes' at mesh.conf:1:64; write items in brackets, separated by commas or new lines"
        },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", key = \"{0}\" }",
            "'akka-wasm.mesh.agents.a.key' must be subject or the number of a topic's token but is '{0}' at mesh.conf:1:58; write subject or \"{1}\" to \"{32}\", in double quotes"
        },
        { "akka-wasm.engine.allocation = pooled", "'akka-wasm.engine.allocation' must be one of fast, dense but is 'pooled' at mesh.conf:1:31; choose one that is there" },
        { "akka-wasm.engine.max-awake = 0", "'akka-wasm.engine.max-awake' must be a whole number from 1 to 2147483647 but is 0 at mesh.conf:1:30; write digits without a unit" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", limits.gc-compact-at = 1.5 }",
            "1.5 is no share at mesh.conf:1:52; write more than 0 and at most 1"
        },
        { "akka-wasm.log.format = xml", "'akka-wasm.log.format' must be one of text, json but is the string 'xml' at mesh.conf:1:24; choose one of these names" },
        // directives
        {
            "akka-wasm.mesh.groups.g.directive = explode",
            "'akka-wasm.mesh.groups.g.directive' must be one of resume, restart, reset, stop, escalate, rewind but is the string 'explode' at mesh.conf:1:37; choose one of these names"
        },
        {
            "akka-wasm.mesh.supervision.on-failure = [reset, explode]",
            "'akka-wasm.mesh.supervision.on-failure[1]' must be one of resume, restart, reset, stop, escalate, rewind but is the string 'explode' at mesh.conf:1:49; choose one of these names"
        },
        // topology
        {
            "akka-wasm.mesh.groups { a.parent = b, b.parent = a }",
            "the groups supervise each other in a cycle: a → b → a at mesh.conf:1:25; let one of them have no parent\n"
            + "the groups supervise each other in a cycle: b → a → b at mesh.conf:1:39; let one of them have no parent"
        },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", group = feed }", "there is no group 'feed' at mesh.conf:1:52; the groups are 'default'" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", subscribe = [\"a.>.b\"] }",
            "the pattern 'a.>.b' has '>' before its end at mesh.conf:1:52; '>' stands for the rest and comes last"
        },
        { "akka-wasm.mesh.agents.\"a b\" { module = \"agents/a.wat\" }", "'a b' cannot name an agent at mesh.conf:1:1; use at most 100 letters, digits, '-' and '_'" },
        { "akka-wasm.mesh.groups.g { min-backoff = 2 s, max-backoff = 1 s }", "min-backoff must be 0 or more and at most max-backoff at mesh.conf:1:27" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", limits.fuel-per-turn = 5 }",
            "the agent 'a' has a limit on fuel, which is not counted at mesh.conf:1:52; set akka-wasm.engine.consume-fuel = true, or fuel-per-turn = 0"
        },
        // programs
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", kind = wasi }", "'akka-wasm.mesh.agents.a.kind' must be one of mesh, wasi-command, wasi-reactor but is 'wasi' at mesh.conf:1:59; choose one that is there" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", kind = wasi-command }",
            "the module of the agent 'a', named at mesh.conf:1:36, is refused: a.wat: the module does not export the function '_start' () -> (), which a command has to have"
        },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", kind = mesh, wasi.stdin = loop }",
            "only a command can read its input over all events at mesh.conf:1:65; write event, or kind = wasi-command"
        },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.stdout = mesh.x }", "the topic 'mesh.x' belongs to the mesh at mesh.conf:1:52; choose one that does not begin with 'mesh.'" },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.env { \"A=B\" = c } }", "'A=B' cannot be a variable at mesh.conf:1:52; use a name without '=' and no NUL characters" },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.preopens { data = agents } }", "'data' cannot be the place of a folder at mesh.conf:1:52; write an absolute path as /data" },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.preopens { \"/data\" = none } }",
            "the folder 'none' of the agent 'a', named at mesh.conf:1:78, cannot be used: the folder 'none' is not there; check the path"
        },
        {
            "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi { preopens { \"/data\" = agents }, limits.preopened-bytes = 10 } }",
            "the folder 'agents' of the agent 'a', named at mesh.conf:1:80, cannot be used: the files in 'agents' have more than 10 bytes together, the most that are allowed; "
            + "leave some out or raise the limit"
        },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.limits.open-descriptors = 3 }", "open-descriptors must be 5 or more at mesh.conf:1:52" },
        { "akka-wasm.mesh.agents.a { module = \"agents/a.wat\", wasi.stdim = loop }", "unknown key 'stdim' in akka-wasm.mesh.agents.a.wasi at mesh.conf:1:52; did you mean 'stdin'?" },
        // sources
        { "akka-wasm.mesh.sources.s { topic = t }", "the source 's' says no path at mesh.conf:1:1; add path = …" },
        { "akka-wasm.mesh.sources.s { path = week.geojson }", "the source 's' says no topic at mesh.conf:1:1; add topic = …" },
        { "akka-wasm.mesh.sources.s { path = gone.json, topic = t }", "the file 'gone.json' of the source 's' is not there at mesh.conf:1:35; it was looked for as gone.json" },
        {
            "akka-wasm.mesh.sources.s { path = week.geojson, topic = mesh.x }",
            "'akka-wasm.mesh.sources.s.topic' is 'mesh.x', and topics that begin with 'mesh.' belong to the mesh at mesh.conf:1:57; choose another topic"
        },
        {
            "akka-wasm.mesh.sources.s { path = week.geojson, topic = t, type = kafka }",
            "'akka-wasm.mesh.sources.s.type' must be file but is 'kafka' at mesh.conf:1:67; choose one that is there"
        },
        // http and data
        {
            "akka-wasm.http.host = 0.0.0.0",
            "'akka-wasm.http.host' is 0.0.0.0, which other machines can reach, and there is no 'akka-wasm.http.token' at mesh.conf:1:23; set a token, or listen on 127.0.0.1"
        },
        {
            "akka-wasm.http.host = example.com",
            "'akka-wasm.http.host' must be an IP address or localhost but is 'example.com' at mesh.conf:1:23; write 127.0.0.1, or 0.0.0.0 for all addresses of this machine"
        },
        {
            "akka-wasm.http.token = short",
            "'akka-wasm.http.token' must have 16 or more characters, all of them printable ASCII without blanks at mesh.conf:1:24; "
            + "write a longer secret, as from openssl rand -hex 32"
        },
        {
            "akka-wasm.data.journal.provider = PostgreSQL.15",
            "'akka-wasm.data.journal' says only one of provider and connection-string at mesh.conf:1:35; say both, or neither for SQLite in the data folder"
        },
        // modules
        { "akka-wasm.mesh.agents.a { }", "the agent 'a' says no module at mesh.conf:1:1; add module = \"….wasm\"" },
        { "akka-wasm.mesh.agents.a.module = \"agents/b.wasm\"", "the module 'agents/b.wasm' of the agent 'a' is not there at mesh.conf:1:34; it was looked for as agents/b.wasm" },
        {
            "akka-wasm.mesh.agents.a.module = \"week.geojson\"",
            "the module of the agent 'a', named at mesh.conf:1:34, is refused: week.geojson:1:1: expected `(`; correct the text"
        },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Bad_input_is_refused_with_one_sentence_that_says_what_where_and_what_to_do(string configuration, string sentence)
    {
        using var folder = new MeshFolder();

        Assert.Equal(sentence, folder.Refusal(configuration));
    }

    [Fact]
    public void All_modules_that_cannot_be_agents_are_listed()
    {
        using var folder = new MeshFolder();

        var refusal = folder.Refusal("akka-wasm.mesh.agents { a { }, b.module = gone.wasm }").Split(Environment.NewLine);

        Assert.Equal(2, refusal.Length);
        Assert.StartsWith("the agent 'a' says no module", refusal[0], StringComparison.Ordinal);
        Assert.StartsWith("the module 'gone.wasm' of the agent 'b' is not there", refusal[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_cannot_be_an_agent()
    {
        using var folder = new MeshFolder();
        folder.Write("agents/c.wat", """(component (import "mesh" (func)) (core module))""");

        var refusal = folder.Refusal("akka-wasm.mesh.agents.a.module = agents/c.wat");

        Assert.StartsWith("the module of the agent 'a', named at mesh.conf:1:34, is refused: c.wat: at offset 0x8, in preamble: this is a component and only core modules are served: build one", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_without_a_value_is_refused()
    {
        using var folder = new MeshFolder();

        Assert.Equal("a setting has no '=' at --set akka-wasm.http.port:1:1; write it as akka-wasm.http.port=0", folder.Refusal("", "akka-wasm.http.port"));
    }
}
