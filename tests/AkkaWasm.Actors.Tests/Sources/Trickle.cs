namespace AkkaWasm.Actors.Tests.Sources;

/// <summary>A stream that gives a few bytes at a time, as many as a seed says.</summary>
internal sealed class Trickle(byte[] bytes, int seed, int most) : MemoryStream(bytes, writable: false)
{
    private readonly Random random = new(seed);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, most + 1)));
}
