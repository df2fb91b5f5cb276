using AkkaWasm.Actors;

namespace AkkaWasm.Service.Http;

/// <summary>The node as the HTTP interface reaches it: not there yet while the node reads its log.</summary>
internal sealed class NodeAccess
{
    private volatile IMeshNode? node;

    /// <summary>The node, or null while it starts.</summary>
    public IMeshNode? Current => node;

    public NodeStatus Status => node?.Status ?? new NodeStatus(NodeState.Starting, "The node reads its log.", 0, -1, []);

    public void Open(IMeshNode started) => node = started;
}
