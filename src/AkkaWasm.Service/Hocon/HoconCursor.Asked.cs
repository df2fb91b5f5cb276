namespace AkkaWasm.Service.Hocon;

internal sealed partial class HoconCursor
{
    /// <summary>The paths of all keys that were asked for, here and below, whether or not they were there.</summary>
    public IEnumerable<string> AskedPaths() =>
        _asked.SelectMany(asked => (asked.Value?.AskedPaths() ?? []).Prepend(HoconPath.Append(Path, asked.Key)));
}
