using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>Turns that were run again, as lines for people.</summary>
internal static class StepText
{
    /// <summary>How many rows of changed bytes a step shows of each memory.</summary>
    public const int RowsPerStep = 16;

    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error"];

    private static readonly Dictionary<EventOrigin, string> Verbs = new()
    {
        [EventOrigin.Emitted] = "publish", [EventOrigin.Direct] = "send", [EventOrigin.Request] = "request", [EventOrigin.Reply] = "reply", [EventOrigin.Lifecycle] = "health",
    };

    public static IEnumerable<string> Lines(ReplayStep step, int maxRows)
    {
        var attempt = step.Attempt > 1 ? $", attempt {step.Attempt}" : "";
        yield return $"#{step.Number}  event {step.Input.Position} {step.Input.Event.Topic}  turn {step.Turn}, incarnation {step.Incarnation}{attempt}";
        if (step.Input.Event.Subject is { } subject) yield return $"  subject  {subject}";
        yield return $"  in       {LogEntryText.Data(step.Input.Event.Data)}";
        if (step.Fault is { } fault)
        {
            yield return $"  failed   {FaultNames.Of(fault.Kind)}/{fault.Code}: {fault.Message}";
            foreach (var frame in fault.BackTrace) yield return $"             at {frame}";
        }
        if (step.NotRun is not null) yield return $"  not run  {step.NotRun}";
        foreach (var output in step.Outputs) yield return $"  {Line(output)}";
        if (step.Fuel > 0) yield return $"  fuel     {step.Fuel}";
        if (step.Hash is { } hash) yield return $"  hash     {hash}";
        if (step.Changes is { IsEmpty: true }) yield return "  changes  none";
        foreach (var line in step.Changes is null ? [] : DifferenceText.Lines(step.Changes, maxRows)) yield return $"  {line}";
        if (step.Divergence is not null) yield return $"  DIVERGES {step.Divergence}";
    }

    /// <summary>An output in one line.</summary>
    public static string Line(TurnOutput output) => output switch
    {
        EventEmitted emitted => Line(emitted),
        TimerSet timer => $"out      timer {timer.Timer} in {timer.DelayNs / 1_000_000} ms on {timer.Topic} {LogEntryText.Data(timer.Data)}",
        TimerCancelled cancelled => $"out      cancel {cancelled.Timer}",
        AgentSpawned spawned => $"out      spawn {spawned.Definition}/{spawned.Key}",
        AgentStopped stopped => $"out      stop {stopped.Agent}",
        AgentWatched watched => $"out      watch {watched.Agent}",
        HealthReported health => $"out      health {AgentJson.NameOf(health.Level)} {health.Reason}",
        LineLogged line => $"log      {Levels[line.Level]}: {line.Text}",
        _ => $"out      {output}",
    };

    private static string Line(EventEmitted emitted)
    {
        var e = emitted.Event;
        var subject = e.Subject is null ? "" : $" ({e.Subject})";
        var timeout = emitted.TimeoutNs > 0 ? $", time-out {emitted.TimeoutNs / 1_000_000} ms" : "";
        return $"out      {Verbs.GetValueOrDefault(e.Origin, "emit")} {e.Topic}{subject} {LogEntryText.Data(e.Data)}{timeout}";
    }
}
