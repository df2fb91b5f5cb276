using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Checks what a topology says about programs.</summary>
internal static class WasiCheck
{
    /// <summary>Least number of open descriptors: the standard streams, the files in memory, and one to open something.</summary>
    private const int MinDescriptors = 5;

    public static void Check(List<TopologyProblem> problems, string path, AgentDefinition agent)
    {
        var wasi = agent.Wasi;
        if (wasi.InputLoops && agent.Kind is (AgentKind.Mesh or AgentKind.WasiReactor))
            problems.Add(new($"{path}.wasi.stdin", "Only a command can read its input over all events; write event, or kind = wasi-command."));
        if (wasi.Arguments.Any(HasNul)) problems.Add(new($"{path}.wasi.args", "An argument has a NUL character, which no program can be given; take it out."));
        foreach (var variable in wasi.Environment)
            if (variable.Name.Length == 0 || variable.Name.Contains('=', StringComparison.Ordinal) || HasNul(variable.Name) || HasNul(variable.Value))
                problems.Add(new($"{path}.wasi.env", $"'{variable.Name}' cannot be a variable; use a name without '=' and no NUL characters."));
        CheckOutput(problems, $"{path}.wasi.stdout", wasi.OutputTopic);
        CheckPreopens(problems, $"{path}.wasi.preopens", wasi);
        CheckLimits(problems, $"{path}.wasi.limits", wasi);
    }

    private static void CheckOutput(List<TopologyProblem> problems, string path, string? topic)
    {
        if (topic is null) return;
        if (TopicName.Check(topic) is { } problem) problems.Add(new(path, char.ToUpperInvariant(problem[0]) + problem[1..] + "."));
        else if (TopicName.IsReserved(topic)) problems.Add(new(path, $"The topic '{topic}' belongs to the mesh; choose one that does not begin with 'mesh.'."));
    }

    private static void CheckPreopens(List<TopologyProblem> problems, string path, WasiDefinition wasi)
    {
        foreach (var preopen in wasi.Preopens)
            if (preopen.Path is not ['/', not '/', ..] || preopen.Path[^1] == '/' || HasNul(preopen.Path))
                problems.Add(new(path, $"'{preopen.Path}' cannot be the place of a folder; write an absolute path as /data."));
        if (wasi.Preopens.GroupBy(preopen => preopen.Path, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            problems.Add(new(path, $"The path '{twice.Key}' has two folders; give each its own."));
        if (wasi.Limits.OpenDescriptors >= MinDescriptors && wasi.Preopens.Length + MinDescriptors > wasi.Limits.OpenDescriptors)
            problems.Add(new(path, $"{wasi.Preopens.Length} folders leave no room for other descriptors; raise limits.open-descriptors."));
    }

    private static void CheckLimits(List<TopologyProblem> problems, string path, WasiDefinition wasi)
    {
        var limits = wasi.Limits;
        if (limits.FileBytes < 0 || limits.WrittenBytesPerTurn < 0) problems.Add(new(path, "file-bytes and written-bytes-per-turn must be 0 or more."));
        if (limits.Nodes < 1 || limits.PathBytes < 1 || limits.PathDepth < 1 || limits.LineBytes < 1)
            problems.Add(new(path, "nodes, path-bytes, path-depth and line-bytes must be 1 or more."));
        if (limits.OpenDescriptors < MinDescriptors) problems.Add(new(path, $"open-descriptors must be {MinDescriptors} or more."));
    }

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);
}
