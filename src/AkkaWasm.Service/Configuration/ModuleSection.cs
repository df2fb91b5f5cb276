using System.Collections.Immutable;
using AkkaWasm.Actors;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>A file with a key whose signatures of modules count.</summary>
/// <param name="File">Its full path.</param>
/// <param name="Written">As it is written.</param>
/// <param name="Origin">Where.</param>
internal sealed record KeyReference(string File, string Written, HoconOrigin Origin);

/// <summary>What bounds the fetching of modules from elsewhere.</summary>
internal sealed record FetchOptions
{
    /// <summary>How long it may take, redirects and all.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many redirects are followed.</summary>
    public int MaxRedirects { get; init; } = 5;
}

/// <summary>The section <c>modules</c> as it says it; the keys are not read yet.</summary>
/// <param name="Options">Limits.</param>
/// <param name="Keys">Where the keys are.</param>
/// <param name="Fetch">What bounds the fetching of modules.</param>
internal sealed record ModuleSettings(ModuleOptions Options, ImmutableArray<KeyReference> Keys, FetchOptions Fetch)
{
    /// <summary>The options with the keys; opens their files.</summary>
    /// <exception cref="HoconException">A key cannot be read.</exception>
    public ModuleOptions WithKeys() => Options with { TrustedKeys = [.. Keys.Select(Read)] };

    private static TrustedKey Read(KeyReference key)
    {
        try
        {
            return new TrustedKey(Path.GetFileName(key.File), File.ReadAllText(key.File));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HoconException($"the trusted key '{key.Written}' cannot be read: {e.Message.TrimEnd('.')}", key.Origin, $"it was looked for as {key.File}");
        }
    }
}

/// <summary>Reads the section <c>modules</c>.</summary>
internal static class ModuleSection
{
    private const long MaxModuleBytes = 1L << 30;

    public static ModuleSettings Read(HoconCursor section, ConfigurationTree tree)
    {
        ImmutableArray<KeyReference> keys = [.. section.At("trusted-keys").AsListOf(key => new KeyReference(tree.FullPath(key), key.AsString(), key.Origin))];
        var required = section.At("require-signature");
        if (required.AsBoolean() && keys.IsEmpty) throw SettingBounds.Refused(required, "is true, and there are no trusted-keys", "name the file of a public key in trusted-keys");
        return new ModuleSettings(
            new ModuleOptions
            {
                RequireSignature = required.AsBoolean(),
                MaxBytes = section.At("max-bytes").Size(1, MaxModuleBytes),
                MaxNames = section.At("max-names").Count(),
                GcGrace = section.At("gc-grace").Duration(TimeSpan.Zero),
            },
            keys,
            new FetchOptions { Timeout = section.At("fetch.timeout").Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)), MaxRedirects = section.At("fetch.max-redirects").Count(0) });
    }
}
