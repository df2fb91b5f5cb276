using System.Reflection;
using System.Reflection.Emit;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Simulation;

namespace AkkaWasm.Actors.Tests.Simulation;

/// <summary>The simulation drives the core as the actor of a shard does: with the same calls.</summary>
public sealed class CoreCallTests
{
    private static readonly OpCode[] OneByte = new OpCode[256];
    private static readonly OpCode[] TwoBytes = new OpCode[256];

    static CoreCallTests()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            if (code.Size == 1) OneByte[code.Value & 0xFF] = code;
            else TwoBytes[code.Value & 0xFF] = code;
        }
    }

    [Fact]
    public void Whatever_the_actor_of_a_shard_asks_of_the_core_the_simulation_asks_too()
    {
        var byActor = CallsIntoCore([typeof(ShardActor), .. Nested(typeof(ShardActor))]);
        var bySimulation = CallsIntoCore(typeof(Simulator).Assembly.GetTypes());
        Assert.Contains("Complete", byActor);
        Assert.Empty(byActor.Except(bySimulation).Order());
    }

    private static IEnumerable<Type> Nested(Type type) => type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(t => Nested(t).Prepend(t));

    private static HashSet<string> CallsIntoCore(IEnumerable<Type> types)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var methods = types.SelectMany(t => t.GetMethods(all).Cast<MethodBase>().Concat(t.GetConstructors(all)));
        return [.. methods.SelectMany(Called).Where(m => m.DeclaringType == typeof(Shard) && m.IsPublic && m is MethodInfo).Select(m => m.Name)];
    }

    /// <summary>The methods that a method calls, read from its code.</summary>
    private static IEnumerable<MethodBase> Called(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var operation = code[at] == 0xFE ? TwoBytes[code[at + 1]] : OneByte[code[at]];
            at += operation.Size;
            if (operation.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } called) yield return called;
            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase caller, int token) => caller.Module.ResolveMethod(token,
        caller.DeclaringType!.IsGenericType ? caller.DeclaringType.GetGenericArguments() : null, caller is MethodInfo { IsGenericMethod: true } ? caller.GetGenericArguments() : null);
}
