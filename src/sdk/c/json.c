/* Checks a document and finds its values. */
#include "json.h"

struct scanner {
    const char *at;
    const char *end;
    const char *error;
};

static bool scan_value(struct scanner *scanner, int depth, struct json_value *value);

static bool refuse(struct scanner *scanner, const char *error) {
    if (!scanner->error) {
        scanner->error = scanner->at == scanner->end ? "it ends too early" : error;
    }
    return false;
}

static bool next_is(const struct scanner *scanner, char byte) {
    return scanner->at < scanner->end && *scanner->at == byte;
}

static void skip_white_space(struct scanner *scanner) {
    while (next_is(scanner, ' ') || next_is(scanner, '\n') || next_is(scanner, '\r') || next_is(scanner, '\t')) {
        scanner->at++;
    }
}

static bool scan_byte(struct scanner *scanner, char byte, const char *error) {
    skip_white_space(scanner);
    if (!next_is(scanner, byte)) {
        return refuse(scanner, error);
    }
    scanner->at++;
    return true;
}

static bool scan_word(struct scanner *scanner, const char *word) {
    for (; *word; word++, scanner->at++) {
        if (!next_is(scanner, *word)) {
            return refuse(scanner, "there is a word that JSON does not know");
        }
    }
    return true;
}

static bool next_is_digit(const struct scanner *scanner) {
    return scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9';
}

static bool scan_digits(struct scanner *scanner) {
    if (!next_is_digit(scanner)) {
        return refuse(scanner, "a digit is missing in a number");
    }
    while (next_is_digit(scanner)) {
        scanner->at++;
    }
    return true;
}

static bool scan_number(struct scanner *scanner) {
    if (next_is(scanner, '-')) {
        scanner->at++;
    }
    if (next_is(scanner, '0')) {
        scanner->at++;
        if (next_is_digit(scanner)) {
            return refuse(scanner, "a number begins with 0");
        }
    } else if (!scan_digits(scanner)) {
        return false;
    }
    if (next_is(scanner, '.')) {
        scanner->at++;
        if (!scan_digits(scanner)) {
            return false;
        }
    }
    if (next_is(scanner, 'e') || next_is(scanner, 'E')) {
        scanner->at++;
        if (next_is(scanner, '+') || next_is(scanner, '-')) {
            scanner->at++;
        }
        return scan_digits(scanner);
    }
    return true;
}

static bool is_hex_digit(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool scan_escape(struct scanner *scanner) {
    static const char after_backslash[] = "\"\\/bfnrt";
    scanner->at++;
    if (next_is(scanner, 'u')) {
        scanner->at++;
        for (int i = 0; i < 4; i++, scanner->at++) {
            if (scanner->at == scanner->end || !is_hex_digit(*scanner->at)) {
                return refuse(scanner, "\\u is not followed by four hexadecimal digits");
            }
        }
        return true;
    }
    for (const char *escape = after_backslash; *escape; escape++) {
        if (next_is(scanner, *escape)) {
            scanner->at++;
            return true;
        }
    }
    return refuse(scanner, "there is an escape that JSON does not know");
}

/* The length of the well-formed UTF-8 sequence at `at`, 0 if it is none (Unicode, table 3-7). */
static size_t utf8_sequence_length(const char *at, const char *end) {
    const unsigned char *bytes = (const unsigned char *)at;
    size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xC2 ? 0 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : bytes[0] < 0xF5 ? 4 : 0;
    if (len > (size_t)(end - at)) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (bytes[0] == 0xE0 && bytes[1] < 0xA0) || (bytes[0] == 0xF0 && bytes[1] < 0x90);
    bool surrogate = bytes[0] == 0xED && bytes[1] > 0x9F;
    bool past_unicode = bytes[0] == 0xF4 && bytes[1] > 0x8F;
    return overlong || surrogate || past_unicode ? 0 : len;
}

static bool scan_string(struct scanner *scanner) {
    scanner->at++;
    while (!next_is(scanner, '"')) {
        if (scanner->at == scanner->end) {
            return refuse(scanner, "");
        }
        if (*scanner->at == '\\') {
            if (!scan_escape(scanner)) {
                return false;
            }
            continue;
        }
        if ((unsigned char)*scanner->at < 0x20) {
            return refuse(scanner, "there is a control character in a string");
        }
        size_t len = utf8_sequence_length(scanner->at, scanner->end);
        if (len == 0) {
            return refuse(scanner, "a string is not UTF-8");
        }
        scanner->at += len;
    }
    scanner->at++;
    return true;
}

/* Scans the next key and its colon. Answers false at the end of the object too: then there is no error. */
static bool scan_key(struct scanner *scanner, bool first, struct json_value *key) {
    skip_white_space(scanner);
    if (next_is(scanner, '}')) {
        scanner->at++;
        return false;
    }
    if (!first && !scan_byte(scanner, ',', "a comma is missing between two members")) {
        return false;
    }
    skip_white_space(scanner);
    if (!next_is(scanner, '"')) {
        return refuse(scanner, "a key is missing");
    }
    *key = (struct json_value){.kind = JSON_STRING, .text = scanner->at};
    if (!scan_string(scanner)) {
        return false;
    }
    key->len = (size_t)(scanner->at - key->text);
    return scan_byte(scanner, ':', "a colon is missing after a key");
}

/* Answers false at the end of the array too: then there is no error. */
static bool scan_element(struct scanner *scanner, bool first, int depth, struct json_value *element) {
    skip_white_space(scanner);
    if (first && next_is(scanner, ']')) {
        scanner->at++;
        return false;
    }
    if (!first) {
        if (next_is(scanner, ']')) {
            scanner->at++;
            return false;
        }
        if (!scan_byte(scanner, ',', "a comma is missing between two elements")) {
            return false;
        }
    }
    return scan_value(scanner, depth, element);
}

static bool scan_object(struct scanner *scanner, int depth) {
    struct json_value key, value;
    scanner->at++;
    for (bool first = true; scan_key(scanner, first, &key); first = false) {
        if (!scan_value(scanner, depth, &value)) {
            return false;
        }
    }
    return !scanner->error;
}

static bool scan_array(struct scanner *scanner, int depth) {
    struct json_value element;
    scanner->at++;
    for (bool first = true; scan_element(scanner, first, depth, &element); first = false) {
    }
    return !scanner->error;
}

static bool scan_contents(struct scanner *scanner, int depth, enum json_kind *kind) {
    switch (scanner->at < scanner->end ? *scanner->at : 0) {
    case '{':
        *kind = JSON_OBJECT;
        return depth == 0 ? refuse(scanner, "it is nested too deeply") : scan_object(scanner, depth - 1);
    case '[':
        *kind = JSON_ARRAY;
        return depth == 0 ? refuse(scanner, "it is nested too deeply") : scan_array(scanner, depth - 1);
    case '"':
        *kind = JSON_STRING;
        return scan_string(scanner);
    case 't':
        *kind = JSON_TRUE;
        return scan_word(scanner, "true");
    case 'f':
        *kind = JSON_FALSE;
        return scan_word(scanner, "false");
    case 'n':
        *kind = JSON_NULL;
        return scan_word(scanner, "null");
    default:
        *kind = JSON_NUMBER;
        return next_is(scanner, '-') || next_is_digit(scanner) ? scan_number(scanner) : refuse(scanner, "a value is missing");
    }
}

static bool scan_value(struct scanner *scanner, int depth, struct json_value *value) {
    skip_white_space(scanner);
    value->text = scanner->at;
    if (!scan_contents(scanner, depth, &value->kind)) {
        return false;
    }
    value->len = (size_t)(scanner->at - value->text);
    return true;
}

bool json_parse(const char *text, size_t len, struct json_value *value, struct json_error *error) {
    struct scanner scanner = {.at = text, .end = text + len};
    if (scan_value(&scanner, JSON_MAX_DEPTH, value)) {
        skip_white_space(&scanner);
        if (scanner.at == scanner.end) {
            return true;
        }
        scanner.error = "there is more after its end";
    }
    *error = (struct json_error){.message = scanner.error, .offset = (size_t)(scanner.at - text)};
    return false;
}

size_t json_pick(struct json_value object, struct json_field *fields, size_t count) {
    size_t others = 0;
    struct json_value key, value;
    struct scanner scanner = {.at = object.text + 1, .end = object.text + object.len};
    for (bool first = true; scan_key(&scanner, first, &key); first = false) {
        scan_value(&scanner, JSON_MAX_DEPTH, &value);
        bool wanted = false;
        for (size_t i = 0; i < count; i++) {
            if (json_string_is(key, fields[i].key)) {
                fields[i].value = value;
                wanted = true;
            }
        }
        others += !wanted;
    }
    return others;
}

size_t json_elements(struct json_value array, struct json_value *elements, size_t count) {
    size_t filled = 0;
    struct scanner scanner = {.at = array.text + 1, .end = array.text + array.len};
    while (filled < count && scan_element(&scanner, filled == 0, JSON_MAX_DEPTH, &elements[filled])) {
        filled++;
    }
    return filled;
}
