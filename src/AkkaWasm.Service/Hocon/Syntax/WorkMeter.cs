namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>Counts one kind of work against its limit, so that a small file cannot cost much time or memory.</summary>
internal sealed class WorkMeter(string limitName, long limit, string unit, string remedy)
{
    private long _done;

    public void Charge(long amount, HoconOrigin origin)
    {
        _done += amount;
        if (_done > limit)
            throw new HoconException($"the configuration takes more than {limit} {unit} ({limitName})", origin, remedy);
    }
}
