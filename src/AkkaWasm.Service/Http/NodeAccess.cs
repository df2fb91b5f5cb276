using AkkaWasm.Actors;

namespace AkkaWasm.Service.Http;

/// <summary>The node as the HTTP interface reaches it: not there yet while the node reads its log.</summary>
internal sealed class NodeAccess
{
    private volatile IMeshNode? node;

    /// <summary>The node, or null while it starts.</summary>
    public IMeshNode? Current => node;

    /// <summary>How the HTTP interface is, as the one that supervises it says; null where nobody does.</summary>
    public ComponentStatus? Http { get; set; }

    public NodeStatus Status
    {
        get
        {
            var status = node?.Status ?? new NodeStatus(NodeState.Starting, "The node reads its log.", 0, -1, []);
            return Http is { } http ? status with { Components = status.Components.Add(http) } : status;
        }
    }

    public void Open(IMeshNode started) => node = started;
}
