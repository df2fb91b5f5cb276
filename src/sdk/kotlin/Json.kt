package akkawasm

/** Text that is no JSON. */
class JsonException(message: String) : RuntimeException(message)

/**
 * A JSON document (RFC 8259) as Kotlin values: null, Boolean, Double, String, List and Map, the members of an object in their order.
 */
object Json {
    /** How deep arrays and objects may be nested. */
    const val MAX_DEPTH = 64

    /** Reads a document. */
    fun parse(text: String): Any? = JsonReader(text).document()

    /** Writes null, booleans, numbers, strings, lists and maps with strings as keys. */
    fun write(value: Any?): String = buildString { appendValue(value) }

    private fun StringBuilder.appendValue(value: Any?) {
        when (value) {
            null -> append("null")
            is Boolean -> append(value.toString())
            is Number -> append(number(value))
            is String -> appendQuoted(value)
            is Map<*, *> -> appendAll('{', value.entries, '}') { (key, member) ->
                appendQuoted(key as String)
                append(':')
                appendValue(member)
            }
            is Iterable<*> -> appendAll('[', value, ']') { appendValue(it) }
            else -> throw JsonException("A ${value::class.simpleName} has no form in JSON.")
        }
    }

    private inline fun <T> StringBuilder.appendAll(open: Char, values: Iterable<T>, close: Char, write: (T) -> Unit) {
        append(open)
        values.forEachIndexed { index, value ->
            if (index > 0) append(',')
            write(value)
        }
        append(close)
    }

    private fun number(value: Number): String {
        val double = value.toDouble()
        if (double.isNaN() || double.isInfinite()) throw JsonException("$double has no form in JSON.")
        return if (value is Double && double == double.toLong().toDouble()) value.toLong().toString() else value.toString()
    }

    private fun StringBuilder.appendQuoted(text: String) {
        append('"')
        for (char in text) {
            when {
                char == '"' || char == '\\' -> append('\\').append(char)
                char < ' ' -> append("\\u").append(char.code.toString(16).padStart(4, '0'))
                else -> append(char)
            }
        }
        append('"')
    }
}

/** Characters are numbers here, and the end is -1: a `Char?` would be an object for each of them. */
private class JsonReader(private val text: String) {
    private var at = 0

    fun document(): Any? {
        val value = value(0)
        if (next() != END) refuse("something follows the value")
        return value
    }

    private fun value(depth: Int): Any? {
        if (depth > Json.MAX_DEPTH) refuse("it is nested too deeply")
        return when (next()) {
            '{'.code -> members(depth)
            '['.code -> items(depth)
            '"'.code -> string()
            't'.code -> word("true", true)
            'f'.code -> word("false", false)
            'n'.code -> word("null", null)
            else -> number()
        }
    }

    private fun members(depth: Int): Map<String, Any?> {
        val members = LinkedHashMap<String, Any?>()
        list('{', '}') {
            if (next() != '"'.code) refuse("a key is expected")
            val key = string()
            take(':')
            members[key] = value(depth + 1)
        }
        return members
    }

    private fun items(depth: Int): List<Any?> {
        val items = ArrayList<Any?>()
        list('[', ']') { items.add(value(depth + 1)) }
        return items
    }

    private inline fun list(open: Char, close: Char, element: () -> Unit) {
        take(open)
        if (next() != close.code) {
            do element() while (takes(','))
        }
        take(close)
    }

    private fun <T> word(word: String, value: T): T {
        if (!text.startsWith(word, at)) refuse("a value is expected")
        at += word.length
        return value
    }

    private fun number(): Double {
        val start = at
        if (here() == '-'.code) at++
        val first = here()
        if (digits() > 1 && first == '0'.code) refuse("a number begins with 0")
        if (here() == '.'.code) {
            at++
            digits()
        }
        if (here() == 'e'.code || here() == 'E'.code) {
            at++
            if (here() == '+'.code || here() == '-'.code) at++
            digits()
        }
        return text.substring(start, at).toDouble()
    }

    private fun digits(): Int {
        val start = at
        while (here() in '0'.code..'9'.code) at++
        if (at == start) refuse("a value is expected")
        return at - start
    }

    private fun string(): String {
        take('"')
        var start = at
        var before: StringBuilder? = null
        while (here() != '"'.code) {
            if (here() < ' '.code) refuse("a string does not end")
            if (here() == '\\'.code) {
                before = (before ?: StringBuilder()).append(text, start, at++).append(escape())
                start = at
            } else {
                at++
            }
        }
        val rest = text.substring(start, at++)
        return before?.append(rest)?.toString() ?: rest
    }

    private fun escape(): Char {
        val code = here()
        at++
        if (code != 'u'.code) return ESCAPED.getOrElse(ESCAPES.indexOf(code.toChar())) { refuse("an escape is unknown") }
        val digits = text.substring(at, minOf(at + 4, text.length))
        if (digits.length < 4 || !digits.all { it in '0'..'9' || it in 'a'..'f' || it in 'A'..'F' }) refuse("an escape is incomplete")
        at += 4
        return digits.toInt(16).toChar()
    }

    private fun here(): Int = if (at < text.length) text[at].code else END

    /** What comes after white space. */
    private fun next(): Int {
        while (here() == ' '.code || here() == '\n'.code || here() == '\r'.code || here() == '\t'.code) at++
        return here()
    }

    private fun takes(char: Char): Boolean {
        val taken = next() == char.code
        if (taken) at++
        return taken
    }

    private fun take(char: Char) {
        if (!takes(char)) refuse("'$char' is expected")
    }

    private fun refuse(why: String): Nothing = throw JsonException("The text is not JSON: $why, at character $at.")

    private companion object {
        const val END = -1
        const val ESCAPES = "\"\\/bfnrt"
        const val ESCAPED = "\"\\/\b\u000c\n\r\t"
    }
}
