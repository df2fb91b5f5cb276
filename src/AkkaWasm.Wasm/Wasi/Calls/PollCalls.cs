using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>
/// <c>poll_oneoff</c>. Files and output are always ready. Where time does not pass, nothing blocks: input is ready unless the program is to be
/// continued when there is some, and a clock is reached by letting time jump.
/// </summary>
internal static class PollCalls
{
    private const int SubscriptionBytes = 48;
    private const int EventBytes = 32;
    private const ushort Absolute = 1;
    private const ushort HangUp = 1;

    private enum Kind : byte
    {
        Clock = 0,
        Read = 1,
        Write = 2,
    }

    public static WasiErrno PollOneOff(ref WasiCall call)
    {
        var world = call.World;
        world.Host.Resume();
        var count = call.U32(2);
        if (count == 0) return WasiErrno.Invalid;
        if (!call.TrySpan(call.U32(0), SaturatingBytes(count, SubscriptionBytes), out var input)
            || !call.TrySpan(call.U32(1), SaturatingBytes(count, EventBytes), out var output))
        {
            return WasiErrno.Fault;
        }
        var subscriptions = Read(input, world);
        var events = new List<Event>();
        foreach (var subscription in subscriptions) AddIfReady(world, subscription, events);
        if (events.Count == 0)
        {
            var wait = subscriptions.Where(s => s.Kind == Kind.Clock).Select(s => s.WaitNs).DefaultIfEmpty(ulong.MaxValue).Min();
            if (Waits(world, subscriptions))
            {
                if (wait == ulong.MaxValue && world.Host.Suspend()) return WasiErrno.Success;
                if (world.Host.WaitForInput(wait)) AddInput(world, subscriptions, events);
            }
            else world.Sleep(wait);
            if (events.Count == 0)
            {
                if (!world.Host.TimePasses && Waits(world, subscriptions)) world.Sleep(wait);
                events.AddRange(subscriptions.Where(s => s.Kind == Kind.Clock && s.WaitNs <= wait).Select(s => new Event(s, WasiErrno.Success, 0, 0)));
            }
        }
        for (var i = 0; i < events.Count; i++) events[i].Write(output[(i * EventBytes)..]);
        return call.Write32(call.U32(3), (uint)events.Count);
    }

    private static uint SaturatingBytes(uint count, uint size) => (uint)Math.Min(uint.MaxValue, (ulong)count * size);

    private static Subscription[] Read(ReadOnlySpan<byte> input, WasiWorld world)
    {
        var subscriptions = new Subscription[input.Length / SubscriptionBytes];
        for (var i = 0; i < subscriptions.Length; i++) subscriptions[i] = Subscription.Read(input.Slice(i * SubscriptionBytes, SubscriptionBytes), world);
        return subscriptions;
    }

    private static bool Waits(WasiWorld world, Subscription[] subscriptions) => Array.Exists(subscriptions, s => IsInput(world, s));

    private static void AddInput(WasiWorld world, Subscription[] subscriptions, List<Event> events) =>
        events.AddRange(subscriptions.Where(s => IsInput(world, s)).Select(s => new Event(s, WasiErrno.Success, 1, 0)));

    private static bool IsInput(WasiWorld world, Subscription subscription) =>
        subscription.Kind == Kind.Read && world.Descriptors.TryGet(subscription.Descriptor, out var descriptor) && descriptor.Stream == WasiStream.Input;

    private static void AddIfReady(WasiWorld world, Subscription subscription, List<Event> events)
    {
        if (subscription.Error != WasiErrno.Success) events.Add(new Event(subscription, subscription.Error, 0, 0));
        else if (subscription.Kind == Kind.Clock)
        {
            if (subscription.WaitNs == 0) events.Add(new Event(subscription, WasiErrno.Success, 0, 0));
        }
        else if (!world.Descriptors.TryGet(subscription.Descriptor, out var descriptor)) events.Add(new Event(subscription, WasiErrno.BadDescriptor, 0, 0));
        else if (!descriptor.Rights.HasFlag(WasiRights.Poll)) events.Add(new Event(subscription, descriptor.Directory is null ? WasiErrno.NotCapable : WasiErrno.BadDescriptor, 0, 0));
        else if (descriptor.Stream == WasiStream.Input)
        {
            if (world.Host.WaitForInput(0)) events.Add(new Event(subscription, WasiErrno.Success, 1, 0));
        }
        else events.Add(Ready(subscription, descriptor));
    }

    private static Event Ready(Subscription subscription, WasiDescriptor descriptor)
    {
        if (subscription.Kind == Kind.Write || descriptor.File is null) return new Event(subscription, WasiErrno.Success, 0, 0);
        var errno = descriptor.File.Stat(out var stat);
        var left = stat.Size > descriptor.Offset ? stat.Size - descriptor.Offset : 0;
        return new Event(subscription, errno, left, left == 0 ? HangUp : (ushort)0);
    }

    /// <summary><c>subscription</c>; <see cref="WaitNs"/> is how long it takes until a clock gets there.</summary>
    private readonly record struct Subscription(ulong UserData, Kind Kind, int Descriptor, ulong WaitNs, WasiErrno Error)
    {
        public static Subscription Read(ReadOnlySpan<byte> bytes, WasiWorld world)
        {
            var userData = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var kind = (Kind)bytes[8];
            if (kind is Kind.Read or Kind.Write) return new Subscription(userData, kind, BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), 0, WasiErrno.Success);
            if (kind != Kind.Clock) return new Subscription(userData, kind, -1, 0, WasiErrno.Invalid);
            if (!ProcessCalls.TryRead(world, (WasiClock)BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]), out var now)) return new Subscription(userData, kind, -1, 0, WasiErrno.Invalid);
            var timeout = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
            var isAbsolute = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[40..]) & Absolute) != 0;
            return new Subscription(userData, kind, -1, !isAbsolute ? timeout : timeout > now ? timeout - now : 0, WasiErrno.Success);
        }
    }

    /// <summary><c>event</c>.</summary>
    private readonly record struct Event(Subscription Of, WasiErrno Error, ulong Bytes, ushort Flags)
    {
        public void Write(Span<byte> target)
        {
            target[..EventBytes].Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(target, Of.UserData);
            BinaryPrimitives.WriteUInt16LittleEndian(target[8..], (ushort)Error);
            target[10] = (byte)Of.Kind;
            BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Bytes);
            BinaryPrimitives.WriteUInt16LittleEndian(target[24..], Flags);
        }
    }
}
