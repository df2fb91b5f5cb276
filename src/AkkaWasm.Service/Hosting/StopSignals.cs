using System.Runtime.InteropServices;

namespace AkkaWasm.Service.Hosting;

/// <summary>Turns the first SIGTERM or SIGINT into a cancellation; the second SIGINT ends the process as if nobody had listened.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals(CancellationToken cancellation)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];
    }

    public CancellationToken Token => stop.Token;

    /// <summary>The signal that came, or what else asked for the end.</summary>
    public string Name { get; private set; } = "A request to stop";

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        stop.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        if (stop.IsCancellationRequested && signal.Signal == PosixSignal.SIGINT) return;
        signal.Cancel = true;
        if (stop.IsCancellationRequested) return;
        Name = signal.Signal.ToString();
        stop.Cancel();
    }
}
