namespace AkkaWasm.Wasm.Binary;

/// <summary>Where the parts of a segment lie in the file, as byte ranges. Only an active segment has an offset.</summary>
/// <param name="Flags">The flags it begins with.</param>
/// <param name="All">All of it, flags included.</param>
/// <param name="Offset">The instructions of its offset, without the <c>end</c>.</param>
/// <param name="Contents">What follows: the kind or type of elements where it is named, and the vector of contents.</param>
internal readonly record struct SegmentLayout(uint Flags, Range All, Range Offset, Range Contents);
