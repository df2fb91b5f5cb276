using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

/// <summary>What a person who makes a mistake is told: text, place (line:column), what is wrong, what to do.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("a = [1, 2", "1:5",
        "the list is never closed",
        "close it with ']'")]
    [InlineData("a = {b = 1", "1:5",
        "the object is never closed",
        "close it with '}'")]
    [InlineData("a = {b=[1, }", "1:12",
        "'}' stands in a list that is still open",
        "close the list opened at test.conf:1:8 with ']' first")]
    [InlineData("{ a = 1", "1:1",
        "the object is never closed",
        "close it with '}'")]
    [InlineData("a = \"x", "1:5",
        "the string in double quotes is not closed on its line",
        "close it with a double quote, or use triple quotes for several lines")]
    [InlineData("a = \"x\ny\"", "1:5",
        "the string in double quotes is not closed on its line",
        "close it with a double quote, or use triple quotes for several lines")]
    [InlineData("a = \"\"\"x\ny", "1:5",
        "the string in triple quotes is never closed",
        "close it with \"\"\"")]
    [InlineData("a = \"\\q\"", "1:6",
        "a backslash before 'q' is no escape",
        "write \\\\ for a backslash, or use triple quotes, in which nothing is escaped")]
    [InlineData("a = \"\\u12\"", "1:6",
        "an escape with \\u lacks four hexadecimal digits",
        "write it as in \\u00e9")]
    [InlineData("a = \"\\", "1:6",
        "a backslash before end of the file is no escape",
        "write \\\\ for a backslash, or use triple quotes, in which nothing is escaped")]
    [InlineData("a = ${", "1:5",
        "end of the file stands where the substitution's path is expected",
        "write it as ${a.b} or ${?a.b}")]
    [InlineData("a = ${}", "1:5",
        "the substitution names no path",
        "write it as ${a.b} or ${?a.b}")]
    [InlineData("a = ${?}", "1:5",
        "the substitution names no path",
        "write it as ${a.b} or ${?a.b}")]
    [InlineData("a = ${ ?x}", "1:5",
        "'?' stands where the substitution's path is expected",
        "write it as ${a.b} or ${?a.b}")]
    [InlineData("a = ${x", "1:5",
        "the substitution is not closed before end of the file",
        "close it with '}' after its path")]
    [InlineData("a = ${x\n}", "1:5",
        "the substitution is not closed before line end",
        "close it with '}' after its path")]
    [InlineData("a = ${a..b}", "1:7",
        "the path begins or ends with a dot or has two dots in a row",
        "remove the dot, or write an empty key as \"\"")]
    [InlineData("a = ${.a}", "1:7",
        "the path begins or ends with a dot or has two dots in a row",
        "remove the dot, or write an empty key as \"\"")]
    [InlineData("a = ${${x}}", "1:5",
        "'$' stands where the substitution's path is expected",
        "write it as ${a.b} or ${?a.b}")]
    [InlineData("a = ${x}}", "1:9",
        "'}' closes no object",
        "remove it, or add the '{' that it belongs to")]
    [InlineData("a = $", "1:5",
        "'$' stands alone in a value",
        "write ${path} for a substitution, or put the value in double quotes")]
    [InlineData("a = $x", "1:5",
        "'$' stands alone in a value",
        "write ${path} for a substitution, or put the value in double quotes")]
    [InlineData("}", "1:1",
        "'}' closes no object",
        "remove it, or add the '{' that it belongs to")]
    [InlineData("\n\n}", "3:1",
        "'}' closes no object",
        "remove it, or add the '{' that it belongs to")]
    [InlineData("a = 1 }", "1:7",
        "'}' closes no object",
        "remove it, or add the '{' that it belongs to")]
    [InlineData("a = 1 ]", "1:7",
        "']' closes no list",
        "remove it, or add the '[' that it belongs to")]
    [InlineData("{ a = 1 ]", "1:9",
        "']' stands in an object that is still open",
        "close the object opened at test.conf:1:1 with '}' first")]
    [InlineData("a = [1 }", "1:8",
        "'}' stands in a list that is still open",
        "close the list opened at test.conf:1:5 with ']' first")]
    [InlineData("{}x", "1:3",
        "unexpected 'x' after the closing brace of the file",
        "remove what follows the brace")]
    [InlineData("{}{}", "1:3",
        "unexpected '{' after the closing brace of the file",
        "remove what follows the brace")]
    [InlineData("{} []", "1:4",
        "unexpected '[' after the closing brace of the file",
        "remove what follows the brace")]
    [InlineData("[1]", "1:1",
        "the file holds a list",
        "write an object, with or without braces around it")]
    [InlineData("a", "1:2",
        "key 'a' is followed by end of the file",
        "write '=' or ':' and a value after the key")]
    [InlineData("a =", "1:4",
        "key 'a' has no value: end of the file stands where a value is expected",
        "write a value, such as \"\" for an empty string")]
    [InlineData("a = \n b = 1", "2:4",
        "'=' stands in a value",
        "put a comma or a new line before the next key, or the value in double quotes")]
    [InlineData("a = ,", "1:5",
        "key 'a' has no value: ',' stands where a value is expected",
        "write a value, such as \"\" for an empty string")]
    [InlineData("{a = }", "1:6",
        "key 'a' has no value: '}' stands where a value is expected",
        "write a value, such as \"\" for an empty string")]
    [InlineData("= 1", "1:1",
        "'=' has no key before it",
        "write a key before it")]
    [InlineData(": 1", "1:1",
        "':' has no key before it",
        "write a key before it")]
    [InlineData("+= 1", "1:1",
        "'+' has no key before it",
        "write a key before it")]
    [InlineData(",a=1", "1:1",
        "a comma stands where a field is expected",
        "remove the comma")]
    [InlineData("a=1,,b=2", "1:5",
        "a comma stands where a field is expected",
        "remove the comma")]
    [InlineData("a=1,,", "1:5",
        "a comma stands where a field is expected",
        "remove the comma")]
    [InlineData("a=[,1]", "1:4",
        "a comma stands where an item is expected",
        "remove the comma")]
    [InlineData("a=[1,,2]", "1:6",
        "a comma stands where an item is expected",
        "remove the comma")]
    [InlineData("a=[1,,]", "1:6",
        "a comma stands where an item is expected",
        "remove the comma")]
    [InlineData("a b\nc = 1", "2:1",
        "key '\"a b\"' is followed by 'c'",
        "write '=' or ':' and a value after the key")]
    [InlineData("{ \"a\" : 1 \"b\" : 2 }", "1:15",
        "':' stands in a value",
        "put a comma or a new line before the next key, or the value in double quotes")]
    [InlineData("a = b : c", "1:7",
        "':' stands in a value",
        "put a comma or a new line before the next key, or the value in double quotes")]
    [InlineData("a.b. = 1", "1:1",
        "the path begins or ends with a dot or has two dots in a row",
        "remove the dot, or write an empty key as \"\"")]
    [InlineData(".a = 1", "1:1",
        "the path begins or ends with a dot or has two dots in a row",
        "remove the dot, or write an empty key as \"\"")]
    [InlineData("a..b = 1", "1:1",
        "the path begins or ends with a dot or has two dots in a row",
        "remove the dot, or write an empty key as \"\"")]
    [InlineData("a = \"x\ty\"", "1:7",
        "a tab stands in a string in double quotes",
        "write it as an escape, or use triple quotes")]
    [InlineData("a = \"x\u0001y\"", "1:7",
        "a character U+0001 stands in a string in double quotes",
        "write it as an escape, or use triple quotes")]
    [InlineData("a = +", "1:5",
        "'+' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = x+y", "1:6",
        "'+' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = 10e+3e", "1:8",
        "'10e+3e' is no number and holds a '+'",
        "put the value in double quotes")]
    [InlineData("a = `", "1:5",
        "'`' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = x@y", "1:6",
        "'@' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = ^", "1:5",
        "'^' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = ?", "1:5",
        "'?' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = !", "1:5",
        "'!' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = *", "1:5",
        "'*' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = &", "1:5",
        "'&' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = \\", "1:5",
        "'\\' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("a = x\\y", "1:6",
        "'\\' cannot stand in an unquoted string",
        "put the value in double quotes")]
    [InlineData("${x} = 1", "1:1",
        "a substitution stands in a key",
        "write the key itself; substitutions are for values")]
    [InlineData("a${x} = 1", "1:2",
        "a substitution stands in a key",
        "write the key itself; substitutions are for values")]
    [InlineData("{ {a=1} = 2 }", "1:3",
        "'{' stands where a key is expected",
        "write a key before the value")]
    [InlineData("[a] = 1\n", "1:1",
        "the file holds a list",
        "write an object, with or without braces around it")]
    [InlineData("@a = 1", "1:1",
        "'@' cannot begin a key",
        "put the key in double quotes")]
    [InlineData("a = [=]", "1:6",
        "'=' stands in a value",
        "put a comma or a new line before the next key, or the value in double quotes")]
    [InlineData("a = x {b=1}", "1:7",
        "an object stands beside a simple value on one line",
        "put a comma or a new line between them, or quote the whole value")]
    [InlineData("a = {b=1} x", "1:11",
        "an object stands beside a simple value on one line",
        "put a comma or a new line between them, or quote the whole value")]
    [InlineData("a = null {b=1}", "1:10",
        "an object stands beside a simple value on one line",
        "put a comma or a new line between them, or quote the whole value")]
    [InlineData("a = x [1]", "1:7",
        "a list stands beside a simple value on one line",
        "put a comma or a new line between them, or quote the whole value")]
    [InlineData("a = [1] 2", "1:9",
        "a list stands beside a simple value on one line",
        "put a comma or a new line between them, or quote the whole value")]
    public void Text_that_is_no_hocon_is_refused_where_it_goes_wrong(string text, string place, string problem, string remedy) =>
        AssertRefused(text, place, problem, remedy);

    [Theory]
    [InlineData("a = [1] {b=1}", "1:5",
        "a list (from test.conf:1:5) and an object (from test.conf:1:9) cannot be concatenated",
        "concatenate only strings, only lists or only objects")]
    [InlineData("a = ${b}", "1:5",
        "${b} has no value in the configuration or the environment",
        "define 'b', or write ${?b} if it may be missing")]
    [InlineData("a = ${b}, b = ${a}", "1:5",
        "substitutions form a cycle (${b} → ${a} → ${b})",
        "break it by giving one of these values directly")]
    [InlineData("a = ${b}, b=${c}, c=${a}", "1:5",
        "substitutions form a cycle (${b} → ${c} → ${a} → ${b})",
        "break it by giving one of these values directly")]
    [InlineData("a = ${a}", "1:5",
        "substitutions form a cycle (${a} → ${a})",
        "break it by giving one of these values directly")]
    [InlineData("a = {b=${a}}", "1:8",
        "the value contains itself through ${a}",
        "refer to a part of it that does not hold this value")]
    [InlineData("a = [${a}]", "1:6",
        "the value contains itself through ${a}",
        "refer to a part of it that does not hold this value")]
    [InlineData("a = ${a}x", "1:5",
        "substitutions form a cycle (${a} → ${a})",
        "break it by giving one of these values directly")]
    [InlineData("foo=${foo}, foo{a=1}", "1:5",
        "substitutions form a cycle (${foo} → ${foo})",
        "break it by giving one of these values directly")]
    [InlineData("a = x${b}, b=[1]", "1:5",
        "the string 'x' (from test.conf:1:5) and a list (from test.conf:1:14) cannot be concatenated",
        "concatenate only strings, only lists or only objects")]
    [InlineData("a = ${b}x, b{c=1}", "1:5",
        "an object (from test.conf:1:13) and the string 'x' (from test.conf:1:9) cannot be concatenated",
        "concatenate only strings, only lists or only objects")]
    [InlineData("a = ${b}${c}, b=[1], c{d=1}", "1:5",
        "a list (from test.conf:1:17) and an object (from test.conf:1:23) cannot be concatenated",
        "concatenate only strings, only lists or only objects")]
    [InlineData("a=${x}\"  \"${x}, x=[1]", "1:3",
        "a list (from test.conf:1:19) and the string '  ' (from test.conf:1:7) cannot be concatenated",
        "concatenate only strings, only lists or only objects")]
    [InlineData("a=1, a += 2", "1:10",
        "+= appends to 1 (from test.conf:1:3)",
        "append to a list only, or replace the value with '='")]
    [InlineData("a=x, a += 2", "1:10",
        "+= appends to the string 'x' (from test.conf:1:3)",
        "append to a list only, or replace the value with '='")]
    [InlineData("a{x=1}, a += 2", "1:13",
        "+= appends to an object (from test.conf:1:2)",
        "append to a list only, or replace the value with '='")]
    [InlineData("a = ${?b}, b = ${c}", "1:16",
        "${c} has no value in the configuration or the environment",
        "define 'c', or write ${?c} if it may be missing")]
    [InlineData("a=${b.c}, b=[1]", "1:3",
        "${b.c} has no value in the configuration or the environment",
        "define 'b.c', or write ${?b.c} if it may be missing")]
    [InlineData("a{b{c=1}}, a.b=${a}", "1:16",
        "the value contains itself through ${a}",
        "refer to a part of it that does not hold this value")]
    [InlineData("a=[1], a += ${a}", "1:13",
        "the value contains itself through ${a}",
        "refer to a part of it that does not hold this value")]
    [InlineData("a=${n[]}", "1:3",
        "${n[]} has no value in the configuration or the environment",
        "define 'n', or write ${?n[]} if it may be missing")]
    public void A_tree_that_does_not_resolve_is_refused_where_the_value_stands(string text, string place, string problem, string remedy) =>
        AssertRefused(text, place, problem, remedy);

    [Fact]
    public void The_message_is_one_sentence_with_problem_place_and_remedy() =>
        Assert.Equal("the list is never closed at test.conf:2:5; close it with ']'", Conf.Refused("b=1\na = [1,\n2").Message);

    private static void AssertRefused(string text, string place, string problem, string remedy)
    {
        HoconException error = Conf.Refused(text);
        Assert.Equal((problem, $"test.conf:{place}", remedy), (error.Problem, error.Origin.ToString(), error.Remedy));
    }
}
