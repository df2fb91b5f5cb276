using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>What a result has to be.</summary>
/// <param name="Text">As the script writes it.</param>
internal abstract record ResultPattern(string Text)
{
    public abstract bool Matches(ActionResult result);

    /// <summary>The result as a message shows it beside this pattern.</summary>
    public virtual string Show(ActionResult result) => result.ToString();

    public sealed override string ToString() => Text;
}

/// <summary>A number.</summary>
internal sealed record NumberPattern(string Text, LaneType Type, Lane Lane) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result) =>
        LaneType.Numbers.TryGetValue(result.Value.Kind, out var type) && type == Type && Lane.Matches(result.Bits, Type);
}

/// <summary>A vector, lane by lane.</summary>
internal sealed record VectorPattern(string Text, LaneType Type, Lane[] Lanes) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result)
    {
        if (result.Value.Kind != WasmValueKind.V128) return false;
        var vector = result.Value.AsV128();
        return !Lanes.Where((lane, i) => !lane.Matches(Type.LaneOf(vector, i), Type)).Any();
    }

    public override string Show(ActionResult result) => result.Value.Kind == WasmValueKind.V128 ? result.Show(Type) : result.ToString();
}

/// <summary>The null reference, of any type or of a hierarchy.</summary>
internal sealed record NullPattern(string Text, HeapKind? Top) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result) => result.Value.IsNullReference && (Top is null || Top == result.Top);
}

/// <summary>A reference that is not null: of a hierarchy, and there perhaps to certain things only.</summary>
internal sealed record ReferencePattern(string Text, HeapKind Top, ReferenceKind[]? Kinds) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result) =>
        result.Top == Top && !result.Value.IsNullReference && (Kinds is null || Kinds.Contains(result.Value.ReferenceKind));
}

/// <summary>A reference to something of the host's, known by its number.</summary>
internal sealed record HostPattern(string Text, HeapKind Top, ulong Key) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result) =>
        result.Top == Top && result.Value.ReferenceKind == ReferenceKind.Host && result.Value.AsHostReference() == Key;
}

/// <summary>One of several, where the standard leaves engines a choice.</summary>
internal sealed record EitherPattern(string Text, IReadOnlyList<ResultPattern> Choices) : ResultPattern(Text)
{
    public override bool Matches(ActionResult result) => Choices.Any(choice => choice.Matches(result));

    public override string Show(ActionResult result) => Choices[0].Show(result);
}
