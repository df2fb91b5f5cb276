namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>What helper modules export, and how many values go through one call.</summary>
internal static class HelperNames
{
    /// <summary>Fields per call: parameters and results are at most 1,000 each.</summary>
    public const int FieldsPerCall = 500;

    /// <summary>Array elements per call of the functions for many.</summary>
    public const int ElementsPerCall = 16;

    /// <summary>Values that a call takes at most, slot, index and reference included.</summary>
    public const int MaxValues = FieldsPerCall + 3;

    public const string TypeOf = "typeof";
    public const string FunctionBox = "box";
    public const string Length = "length";
    public const string Clear = "clear";
    public const string Reserve = "reserve";
    public const string AnyFunction = "function";
    public const string AnyException = "exception";
    public const string AnyStruct = "struct";
    public const string AnyArray = "array";

    public static string Get(int type, int chunk) => $"get.{type}.{chunk}";

    public static string Set(int type, int chunk) => $"set.{type}.{chunk}";

    public static string New(int type) => $"new.{type}";

    public static string Stage(int type, int chunk) => $"stage.{type}.{chunk}";

    public static string Twin(int type) => $"twin.{type}";

    public static string Empty(int type) => $"empty.{type}";

    public static string GetElement(int type) => $"element.{type}";

    public static string GetElements(int type) => $"elements.{type}";

    public static string SetElement(int type) => $"put.{type}";

    public static string SetElements(int type) => $"puts.{type}";

    public static string Function(int type) => $"function.{type}";

    public static string Fixed(int type, int length) => $"fixed.{type}.{length}";

    public static string FromData(int type) => $"data.{type}";

    public static byte[] Utf8(string name) => System.Text.Encoding.UTF8.GetBytes(name);
}
