/* What stands in a string or a number. */
#include "json.h"

#define INFINITY __builtin_inf()

/* Beyond this a double no longer holds every whole number. */
static const double LARGEST_EXACT_INTEGER = 9007199254740992.0;

/* The value of four hexadecimal digits. */
static uint32_t decode_hex(const char *at) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value * 16 + (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    }
    return value;
}

/* Decodes the \u escape at `*at`, or two of them that make a surrogate pair. */
static uint32_t decode_unicode_escape(const char **at, const char *end) {
    uint32_t unit = decode_hex(*at + 2);
    *at += 6;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit;
    }
    if (unit < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        uint32_t low = decode_hex(*at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *at += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

static size_t encode_utf8(uint32_t code_point, char out[4]) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = len; i-- > 1;) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)(lead[len] | code_point);
    return len;
}

/* Decodes the character or escape at `*at` and moves on. Answers its length in UTF-8. */
static size_t decode_next(const char **at, const char *end, char out[4]) {
    static const char escapes[] = "b\bf\fn\nr\rt\t";
    if (**at != '\\') {
        out[0] = *(*at)++;
        return 1;
    }
    if ((*at)[1] == 'u') {
        return encode_utf8(decode_unicode_escape(at, end), out);
    }
    out[0] = (*at)[1];
    for (const char *escape = escapes; *escape; escape += 2) {
        if (escape[0] == (*at)[1]) {
            out[0] = escape[1];
        }
    }
    *at += 2;
    return 1;
}

bool json_string_is(struct json_value string, const char *expected) {
    char bytes[4];
    const char *end = string.text + string.len - 1;
    for (const char *at = string.text + 1; at < end;) {
        size_t len = decode_next(&at, end, bytes);
        for (size_t i = 0; i < len; i++, expected++) {
            if (!*expected || bytes[i] != *expected) {
                return false;
            }
        }
    }
    return !*expected;
}

size_t json_string_decode(struct json_value string, char *dst, size_t capacity) {
    char bytes[4];
    size_t full = 0;
    const char *end = string.text + string.len - 1;
    for (const char *at = string.text + 1; at < end;) {
        size_t len = decode_next(&at, end, bytes);
        for (size_t i = 0; i < len; i++, full++) {
            if (full < capacity) {
                dst[full] = bytes[i];
            }
        }
    }
    return full;
}

double json_number_to_double(struct json_value number) {
    /* 19 digits fit in 64 bits; an exponent past the limit only makes the number 0 or infinite. */
    enum { DIGITS_KEPT = 19, EXPONENT_LIMIT = 100000 };
    const char *at = number.text;
    const char *end = at + number.len;
    bool negative = *at == '-';
    bool in_fraction = false;
    uint64_t digits = 0;
    int kept = 0, scale = 0, exponent = 0;
    for (at += negative; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            in_fraction = true;
        } else if (kept < DIGITS_KEPT) {
            digits = digits * 10 + (uint64_t)(*at - '0');
            kept += digits > 0;
            scale -= in_fraction;
        } else {
            scale += !in_fraction;
        }
    }
    if (at < end) {
        bool down = *++at == '-';
        for (at += down || *at == '+'; at < end; at++) {
            exponent = exponent < EXPONENT_LIMIT ? exponent * 10 + (*at - '0') : exponent;
        }
        scale += down ? -exponent : exponent;
    }
    double power = 1;
    for (int i = scale < 0 ? -scale : scale; i > 0 && power < INFINITY; i--) {
        power *= 10;
    }
    double value = digits == 0 ? 0 : scale < 0 ? (double)digits / power : (double)digits * power;
    return negative ? -value : value;
}

bool json_number_to_int64(struct json_value number, int64_t *result) {
    bool negative = number.text[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;
    for (size_t i = negative; i < number.len; i++) {
        char byte = number.text[i];
        if (byte < '0' || byte > '9') {
            double approximate = json_number_to_double(number);
            if (!(approximate >= -LARGEST_EXACT_INTEGER && approximate <= LARGEST_EXACT_INTEGER)) {
                return false;
            }
            *result = (int64_t)approximate;
            return (double)*result == approximate;
        }
        uint64_t digit = (uint64_t)(byte - '0');
        if (value > (limit - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *result = (int64_t)(negative ? 0 - value : value);
    return true;
}
