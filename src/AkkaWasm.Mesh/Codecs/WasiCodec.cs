using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what a topology says about a program; part of <see cref="TopologyCodec"/> and of its version.</summary>
internal static class WasiCodec
{
    public static void Write(ByteWriter w, WasiDefinition wasi)
    {
        w.List(wasi.Arguments, (to, argument) => to.Text(argument));
        w.List(wasi.Environment, (to, variable) =>
        {
            to.Text(variable.Name);
            to.Text(variable.Value);
        });
        w.Bool(wasi.InputLoops);
        w.OptionalText(wasi.OutputTopic);
        w.List(wasi.Preopens, (to, preopen) =>
        {
            to.Text(preopen.Path);
            to.Text(preopen.ContentHash);
            to.Text(preopen.Folder);
        });
        WriteLimits(w, wasi.Limits);
    }

    public static WasiDefinition Read(ByteReader r) => new()
    {
        Arguments = r.List(from => from.Text()), Environment = r.List(from => new WasiVariable(from.Text(), from.Text())), InputLoops = r.Bool(),
        OutputTopic = r.OptionalText(), Preopens = r.List(from => new WasiPreopen(from.Text(), from.Text(), from.Text())), Limits = ReadLimits(r),
    };

    private static void WriteLimits(ByteWriter w, WasiProgramLimits l)
    {
        w.Int(l.FileBytes);
        w.Int(l.Nodes);
        w.Int(l.OpenDescriptors);
        w.Int(l.PathBytes);
        w.Int(l.PathDepth);
        w.Int(l.LineBytes);
        w.Int(l.WrittenBytesPerTurn);
    }

    private static WasiProgramLimits ReadLimits(ByteReader r) => new()
    {
        FileBytes = r.Int(), Nodes = r.Int32(), OpenDescriptors = r.Int32(), PathBytes = r.Int32(), PathDepth = r.Int32(), LineBytes = r.Int32(),
        WrittenBytesPerTurn = r.Int(),
    };
}
