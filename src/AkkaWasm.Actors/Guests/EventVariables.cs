using System.Globalization;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Guests;

/// <summary>What the mesh adds to the environment of programs. Variables of attributes that an event does not have are left out.</summary>
internal static class EventVariables
{
    private static readonly (string Name, Func<Turn, string?> Value)[] Table =
    [
        ("MESH_EVENT_ID", turn => turn.InputId),
        ("MESH_EVENT_SOURCE", turn => turn.InputSource),
        ("MESH_EVENT_TOPIC", turn => turn.Input.Topic),
        ("MESH_EVENT_SUBJECT", turn => turn.Input.Subject),
        ("MESH_EVENT_TIME", turn => turn.Input.Time),
        ("MESH_EVENT_CONTENT_TYPE", turn => turn.Input.ContentType),
        ("MESH_EVENT_TRACEPARENT", turn => turn.Input.TraceParent),
        ("MESH_EVENT_CORRELATION", turn => turn.Input.Correlation == 0 ? null : turn.Input.Correlation.ToString(CultureInfo.InvariantCulture)),
        ("MESH_EVENT_OFFSET", turn => turn.Input.Offset.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>The variables of a program.</summary>
    /// <param name="turn">The turn in which it begins.</param>
    /// <param name="withEvent">Whether it runs for this event alone.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(Turn turn, bool withEvent)
    {
        yield return KeyValuePair.Create("MESH_AGENT", turn.Agent.Name);
        if (!withEvent) yield break;
        foreach (var (name, value) in Table)
            if (value(turn) is { } text) yield return KeyValuePair.Create(name, text);
    }
}
