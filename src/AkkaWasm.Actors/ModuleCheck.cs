using System.Runtime.ExceptionServices;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors;

/// <summary>Says before a node starts whether a module can be an agent, as the node itself would.</summary>
public static class ModuleCheck
{
    /// <summary>Loads a module and checks its memory, its exports and the signatures of its imports.</summary>
    /// <param name="engine">What compiles it.</param>
    /// <param name="module">The module, in binary or text form.</param>
    /// <param name="agent">The agent that it is for.</param>
    /// <returns>The content hash by which the topology names it, 64 lower-case hexadecimal digits.</returns>
    /// <exception cref="ModuleRefusedException">It cannot be an agent; the message says what is wrong where.</exception>
    public static string Check(WasmEngine engine, byte[] module, AgentDefinition agent)
    {
        try
        {
            using var loaded = AgentModule.Load(engine, module, agent).Module;
            return loaded.ContentHash;
        }
        catch (GuestRefusedException e) when (e.InnerException is ModuleRefusedException refused)
        {
            ExceptionDispatchInfo.Throw(refused);
            throw;
        }
    }
}
