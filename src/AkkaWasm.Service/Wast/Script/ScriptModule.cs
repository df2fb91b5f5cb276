namespace AkkaWasm.Service.Wast.Script;

/// <summary>How a script writes a module.</summary>
internal enum ModuleForm : byte
{
    /// <summary>As text in place.</summary>
    Text,

    /// <summary>As strings that hold the binary.</summary>
    Binary,

    /// <summary>As strings that hold text.</summary>
    Quote,
}

/// <summary>A module that a script holds.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Name">Its identifier, or null.</param>
/// <param name="Form">How it is written.</param>
/// <param name="Source">The binary, or text that begins with as many lines and columns as stand before it in the script.</param>
internal sealed record ScriptModule(ScriptPlace Place, string? Name, ModuleForm Form, byte[] Source);
