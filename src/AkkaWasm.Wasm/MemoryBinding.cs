using System.Globalization;

namespace AkkaWasm.Wasm;

/// <summary>
/// Says, in the module name of an import, into which memory of the importing module the pointers go that a host function takes: <c>NAME</c> is memory 0,
/// <c>NAME#3</c> is memory 3. Composed modules have such imports, whose parts each have a memory 0 of their own.
/// </summary>
public static class MemoryBinding
{
    /// <summary>Stands between the host's module and the index of the memory.</summary>
    public const char Separator = '#';

    /// <summary>The module name of imports from a host's module whose pointers go into a memory.</summary>
    /// <param name="hostModule">The host's module.</param>
    /// <param name="memory">The index of the memory.</param>
    public static string NameOf(string hostModule, int memory) =>
        memory == 0 ? hostModule : string.Create(CultureInfo.InvariantCulture, $"{hostModule}{Separator}{memory}");

    /// <summary>The host's module that a module name stands for.</summary>
    public static string HostModuleOf(string module) => module.Split(Separator)[0];

    /// <summary>The memories other than memory 0 that imports of a module name, in rising order, where the module has them.</summary>
    /// <param name="module">The module.</param>
    /// <param name="hostModule">Only imports from this module of the host; from any if null.</param>
    public static IReadOnlyList<int> MemoriesOf(ModuleDescription module, string? hostModule = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        return
        [
            .. module.Imports.Select(import => import.Module.Split(Separator))
                .Where(name => name.Length == 2 && (hostModule is null || name[0] == hostModule))
                .Select(name => int.TryParse(name[1], NumberStyles.None, CultureInfo.InvariantCulture, out var memory) ? memory : 0)
                .Where(memory => memory > 0 && memory < module.Memories.Count).Distinct().Order(),
        ];
    }
}
