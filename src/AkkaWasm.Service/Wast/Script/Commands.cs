using AkkaWasm.Service.Wast.Values;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Script;

/// <summary>One command of a script.</summary>
/// <param name="Place">Where it stands.</param>
internal abstract record Command(ScriptPlace Place);

/// <summary><c>(module definition …)</c>: a module to make instances of later.</summary>
internal sealed record DefinitionCommand(ScriptPlace Place, ScriptModule Module) : Command(Place);

/// <summary><c>(module …)</c> or <c>(module instance …)</c>: an instance, the current one from then on.</summary>
internal sealed record InstanceCommand(ScriptPlace Place, Instantiation Instance) : Command(Place);

/// <summary><c>(register …)</c>: offers an instance's exports to the modules that follow.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="As">The module name of their imports.</param>
/// <param name="Instance">The instance's identifier, or null for the current one.</param>
internal sealed record RegisterCommand(ScriptPlace Place, string As, string? Instance) : Command(Place);

/// <summary>An action whose results nobody looks at; it has to succeed.</summary>
internal sealed record ActionCommand(ScriptPlace Place, ScriptAction Action) : Command(Place);

/// <summary>A command that says what has to come of something.</summary>
internal abstract record Assertion(ScriptPlace Place) : Command(Place);

/// <summary><c>(assert_return …)</c></summary>
internal sealed record ReturnAssertion(ScriptPlace Place, ScriptAction Action, IReadOnlyList<ResultPattern> Results) : Assertion(Place);

/// <summary><c>(assert_trap …)</c> and <c>(assert_exhaustion …)</c>: the action, or the making of an instance, ends in a trap.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Action">The action, or null.</param>
/// <param name="Instance">The instance, or null.</param>
/// <param name="Message">The suite's words for the trap.</param>
internal sealed record TrapAssertion(ScriptPlace Place, ScriptAction? Action, Instantiation? Instance, string Message) : Assertion(Place);

/// <summary><c>(assert_exception …)</c>: the action ends in an exception that nobody catches.</summary>
internal sealed record ExceptionAssertion(ScriptPlace Place, ScriptAction Action) : Assertion(Place);

/// <summary><c>(assert_malformed …)</c>, <c>(assert_invalid …)</c> and their <c>_custom</c> forms: the module is refused.</summary>
internal sealed record RefusalAssertion(ScriptPlace Place, ScriptModule Module, string Message) : Assertion(Place);

/// <summary><c>(assert_unlinkable …)</c>: the module is sound, its imports are not served.</summary>
internal sealed record UnlinkableAssertion(ScriptPlace Place, Instantiation Instance, string Message) : Assertion(Place);

/// <summary>An instance to be made.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Name">The instance's identifier, or null.</param>
/// <param name="Module">The module if it stands here, or null.</param>
/// <param name="Definition">Otherwise the identifier of a definition, or null for the last one.</param>
internal sealed record Instantiation(ScriptPlace Place, string? Name, ScriptModule? Module, string? Definition);

/// <summary>What is done to an instance.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Instance">The instance's identifier, or null for the current one.</param>
/// <param name="Export">The name of an export.</param>
internal abstract record ScriptAction(ScriptPlace Place, string? Instance, string Export);

/// <summary><c>(invoke …)</c>: a function is called.</summary>
internal sealed record InvokeAction(ScriptPlace Place, string? Instance, string Export, WasmValue[] Arguments) : ScriptAction(Place, Instance, Export);

/// <summary><c>(get …)</c>: a global is read.</summary>
internal sealed record GetAction(ScriptPlace Place, string? Instance, string Export) : ScriptAction(Place, Instance, Export);
