using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>
/// Versions of a guest that counts: each event adds <see cref="Step"/>, and the count is published on <c>tally.out</c> behind the version, <c>v2:15</c>. An
/// event whose data begins with <c>t</c> traps after it counted, where the version is one that does.
/// </summary>
internal sealed record Tally(int Version)
{
    public int Step { get; init; } = 1;

    public int? Layout { get; init; } = 1;

    /// <summary>Code of a function <c>mesh_layout</c> in place of the global; null for the global.</summary>
    public string? LayoutCode { get; init; }

    public bool Traps { get; init; } = true;

    /// <summary>Code of <c>mesh_migrate</c>; null for none.</summary>
    public string? Migrate { get; init; }

    /// <summary>Whether it has <c>mesh_save</c>.</summary>
    public bool Saves { get; init; }

    /// <summary>What <c>mesh_load</c> adds to what was saved; null for no <c>mesh_load</c>.</summary>
    public int? LoadAdds { get; init; }

    /// <summary>Multiplies the count by 100.</summary>
    public const string TimesHundred = "(global.set $count (i32.mul (global.get $count) (i32.const 100))) (i32.const 0)";

    public byte[] Bytes => Encoding.UTF8.GetBytes($$"""
        (module
          (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
          (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
          (import "mesh_v1" "state_write" (func $state_write (param i32 i32)))
          (memory (export "memory") 1)
          (global $count (mut i32) (i32.const 0))
          (global (export "mesh_version") i32 (i32.const {{Version}}))
          {{(LayoutCode is { } body ? $"(func (export \"mesh_layout\") {body})" : Layout is { } layout ? $"(global (export \"mesh_layout\") i32 (i32.const {layout}))" : "")}}
          (data (i32.const 64) "tally.out")
          (data (i32.const 80) "v{{Version}}:")
          (func (export "mesh_handle") (param $size i32) (result i32)
            (local $rest i32) (local $at i32)
            (global.set $count (i32.add (global.get $count) (i32.const {{Step}})))
            (i32.store (i32.const 0) (global.get $count))
            (drop (call $event_read (i32.const 1024) (i32.const 0) (i32.const 1)))
            (local.set $rest (global.get $count))
            (local.set $at (i32.const 256))
            (loop $next
              (local.set $at (i32.sub (local.get $at) (i32.const 1)))
              (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
              (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
              (br_if $next (local.get $rest)))
            (local.set $at (i32.sub (local.get $at) (i32.const 3)))
            (memory.copy (local.get $at) (i32.const 80) (i32.const 3))
            (call $publish (i32.const 64) (i32.const 9) (local.get $at) (i32.sub (i32.const 256) (local.get $at)))
            {{(Traps ? "(if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 116)) (then (unreachable)))" : "")}}
            (i32.const 0))
          {{(Migrate is { } code ? $"(func (export \"mesh_migrate\") (param $from i32) (result i32) {code})" : "")}}
          {{(Saves ? "(func (export \"mesh_save\") (result i32) (call $state_write (i32.const 0) (i32.const 4)) (i32.const 0))" : "")}}
          {{(LoadAdds is { } adds ? $"""
          (func (export "mesh_load") (param $size i32) (result i32)
            (drop (call $event_read (i32.const 0) (i32.const 0) (local.get $size)))
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const {adds})))
            (global.set $count (i32.load (i32.const 0)))
            (i32.const 0))
          """ : "")}})
        """);

    public string Hash => ModuleStore.HashOf(Bytes);

    public ModuleFile File => new(Bytes, $"tally{Version}.wat");

    /// <summary>An agent of this version. Its images are counted by turns alone.</summary>
    public AgentDefinition Agent(string name, params string[] subscriptions) => new()
    {
        Name = name, ModuleHash = Hash, ModuleFile = $"tally{Version}.wat", Subscriptions = [.. subscriptions], Capabilities = new Capabilities { Publish = [">"] },
        SnapshotAtMostEvery = TimeSpan.Zero,
    };

    public TopologyTarget Target(MeshTopology topology, MoveRequest way = MoveRequest.Auto) => new(topology)
    {
        Modules = new Dictionary<string, ModuleFile> { [Hash] = File }, Moves = new Dictionary<string, MoveRequest> { [MoveChooser.All] = way },
    };
}
