using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Topology;

/// <summary>
/// Reads a change of a topology: JSON with the keys of a configuration below <c>set</c>, and what goes below <c>remove</c>. Definitions that are there keep what is not
/// said of them; new ones have the defaults of a configuration. Nothing but the text and the node's store of modules decides what it says.
/// </summary>
internal sealed class ChangeText : IChangeReader
{
    private const string Name = "the change";
    private const string Wrapped = ConfigurationTree.RootKey + ".mesh.";

    public AskedChange Read(ReadOnlyMemory<byte> text, MeshTopology running, long at, Func<ModuleReference, ResolvedModule?> resolve)
    {
        try
        {
            var json = JsonNode.Parse(text.Span) as JsonObject ?? throw new ChangeRefusedException("The change is no object; write { \"set\": … }.");
            var change = new HoconCursor(HoconReader.ReadText(Encoding.UTF8.GetString(text.Span), Name).Resolve());
            var read = ReadRest(change, new AskedChange(Target(json, change, running, resolve), at));
            change.RefuseUnknown();
            return read;
        }
        catch (JsonException e)
        {
            throw new ChangeRefusedException($"The change is no JSON: {Cli.ErrorReport.AsClause(e.Message)}.");
        }
        catch (ArgumentException e) // a key that stands twice in an object
        {
            throw new ChangeRefusedException($"The change is no JSON: {Cli.ErrorReport.AsClause(e.Message)}.");
        }
        catch (HoconException e)
        {
            throw new ChangeRefusedException(Sentence(e.Message));
        }
        catch (ConfigurationException e)
        {
            throw new ChangeRefusedException(Sentence(e.Problems[0]));
        }
    }

    private static AskedChange ReadRest(HoconCursor change, AskedChange read)
    {
        var (pause, resume) = (change.Find("pause"), change.Find("resume"));
        return read with
        {
            OnlyPlans = change.Find("mode")?.Choice(("apply", false), ("plan", true)) ?? false,
            IfMatch = change.Find("if-match") is { } match ? PositionOf(match) : null,
            Reason = change.Find("reason") is { } reason ? TextOf(reason) : "",
            Moves = change.Find("state") is { } state ? MovesOf(state) : ImmutableDictionary<string, MoveRequest>.Empty,
            Drain = change.Find("drain")?.Duration(TimeSpan.Zero),
            Canary = change.Find("watch") is { } watch ? WatchOf(watch) : null,
            Pause = Names(pause, "agents"), PauseGroups = Names(pause, "groups"), Resume = Names(resume, "agents"), ResumeGroups = Names(resume, "groups"),
        };
    }

    private static MeshTopology Target(JsonObject json, HoconCursor change, MeshTopology running, Func<ModuleReference, ResolvedModule?> resolve)
    {
        var (set, remove) = (change.Find("set"), change.Find("remove"));
        HashSet<string> agents = [.. Names(remove, "agents")], groups = [.. Names(remove, "groups")];
        foreach (var name in agents.Where(name => running.Agents.All(a => a.Name != name))) throw new ChangeRefusedException($"There is no agent '{name}' to be removed.");
        foreach (var name in groups.Where(name => running.Groups.All(g => g.Name != name))) throw new ChangeRefusedException($"There is no group '{name}' to be removed.");
        var put = set is null ? null : Put(set, json["set"]!.AsObject(), running, resolve);
        if (put?.Agents.FirstOrDefault(a => agents.Contains(a.Name)) is { } both) throw new ChangeRefusedException($"The agent '{both.Name}' is set and removed; leave one of them out.");
        return running with
        {
            Groups = Merged(running.Groups.Where(g => !groups.Contains(g.Name)), put?.Groups ?? [], g => g.Name),
            Agents = Merged(running.Agents.Where(a => !agents.Contains(a.Name)), put?.Agents ?? [], a => a.Name),
        };
    }

    /// <summary>Reads what is set as a configuration of its own: over what runs, over the defaults.</summary>
    private static MeshTopology Put(HoconCursor set, JsonObject json, MeshTopology running, Func<ModuleReference, ResolvedModule?> resolve)
    {
        set.Find("agents")?.TakeValue();
        set.Find("groups")?.TakeValue();
        var (agents, groups) = (json["agents"] as JsonObject ?? [], json["groups"] as JsonObject ?? []);
        var known = running.Agents.Where(a => agents.ContainsKey(a.Name)).ToImmutableArray();
        var merged = Written(running with { Agents = known, Groups = [.. running.Groups.Where(g => groups.ContainsKey(g.Name))], Rules = [] });
        var mesh = merged[ConfigurationTree.RootKey]!["mesh"]!.AsObject();
        Lay(agents, mesh["agents"]!.AsObject());
        Lay(groups, mesh["groups"]!.AsObject());
        var read = TopologyText.Read(merged.ToJsonString(), new ModuleNamesInUse("the store of this node", resolve)).Topology;
        return read with { Agents = [.. read.Agents.Select(agent => WithConfig(agent, agents, known))] };
    }

    /// <summary>A config that is no text cannot be written as JSON, and stays as it is.</summary>
    private static AgentDefinition WithConfig(AgentDefinition agent, JsonObject given, ImmutableArray<AgentDefinition> known) =>
        known.FirstOrDefault(k => k.Name == agent.Name) is { } before && given[agent.Name] is JsonObject fields && !fields.ContainsKey("config") ? agent with { Config = before.Config } : agent;

    private static JsonObject Written(MeshTopology topology)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) TopologyJson.Write(json, topology);
        return JsonNode.Parse(bytes.ToArray())!.AsObject();
    }

    private static void Lay(JsonObject over, JsonObject under)
    {
        foreach (var (key, value) in over)
        {
            if (value is JsonObject fields && under[key] is JsonObject below) Lay(fields, below);
            else under[key] = value?.DeepClone();
        }
    }

    private static ImmutableArray<T> Merged<T>(IEnumerable<T> stay, IReadOnlyCollection<T> put, Func<T, string> nameOf)
    {
        var changed = put.ToDictionary(nameOf, StringComparer.Ordinal);
        var all = ImmutableArray.CreateBuilder<T>();
        foreach (var item in stay) all.Add(changed.Remove(nameOf(item), out var other) ? other : item);
        all.AddRange(put.Where(item => changed.ContainsKey(nameOf(item))));
        return all.ToImmutable();
    }

    private static ImmutableArray<string> Names(HoconCursor? section, string key) => [.. section?.Find(key)?.AsListOf(name => name.AsString()) ?? []];

    private static string TextOf(HoconCursor reason)
    {
        var text = reason.AsString();
        return text.Length <= Mesh.Shards.TopologyChangeRecord.MaxText ? text
            : throw SettingBounds.Refused(reason, $"has {text.Length} characters", $"at most {Mesh.Shards.TopologyChangeRecord.MaxText} are possible");
    }

    private static long PositionOf(HoconCursor match) => Position.TryParse(match.AsString(), out var position)
        ? position.Offset
        : throw SettingBounds.Refused(match, $"must be a position but is '{match.AsString()}'", "take it from the answer to a change or a plan");

    private static IReadOnlyDictionary<string, MoveRequest> MovesOf(HoconCursor state)
    {
        var text = state.Kind == HoconKind.Object ? string.Join(',', state.Entries().Select(one => $"{one.Key}={one.Value.AsString()}")) : state.AsString();
        var (moves, problem) = MoveText.Read(text);
        return moves ?? throw SettingBounds.Refused(state, $"is no way to move states ({Cli.ErrorReport.AsClause(problem!)})", $"write {MoveText.Ways}");
    }

    private static CanaryPolicy WatchOf(HoconCursor watch)
    {
        var policy = new CanaryPolicy { Watch = watch.At("for").Duration(TimeSpan.FromTicks(1)) };
        if (watch.Find("failures") is { } failures) policy = policy with { MaxFailures = failures.Count(0) };
        if (watch.Find("within") is { } within) policy = policy with { WithinTimeRange = within.Duration(TimeSpan.FromTicks(1)) };
        if (watch.Find("inputs") is { } inputs) policy = policy with { Inputs = inputs.AsEnum<RewindInputs>() };
        return policy.FindProblem() is { } problem ? throw SettingBounds.Refused(watch, $"cannot be used ({Cli.ErrorReport.AsClause(problem)})", "correct it") : policy;
    }

    private static string Sentence(string message)
    {
        message = message.Replace(Wrapped, "", StringComparison.Ordinal);
        return char.ToUpperInvariant(message[0]) + (message.EndsWith('.') ? message[1..] : message[1..] + ".");
    }
}
