#include "text.h"

/* Well within 64 bits. */
static const double LARGEST_SCALED = 9e18;

size_t text_length(const char *string) {
    size_t len = 0;
    while (string[len]) {
        len++;
    }
    return len;
}

bool text_fits(const struct text *text) {
    return text->len <= text->capacity;
}

static void append_byte(struct text *text, char byte) {
    if (text->len < text->capacity) {
        text->bytes[text->len] = byte;
    }
    text->len++;
}

void text_append(struct text *text, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        append_byte(text, bytes[i]);
    }
}

void text_append_string(struct text *text, const char *string) {
    while (*string) {
        append_byte(text, *string++);
    }
}

/* Appends at least `width` digits, with zeros in front where the value has fewer. */
static void append_digits(struct text *text, uint64_t value, int width) {
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (int i = count; i < width; i++) {
        append_byte(text, '0');
    }
    while (count > 0) {
        append_byte(text, digits[--count]);
    }
}

void text_append_int64(struct text *text, int64_t value) {
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        append_byte(text, '-');
        magnitude = 0 - magnitude;
    }
    append_digits(text, magnitude, 1);
}

void text_append_fixed(struct text *text, double value, int decimals) {
    uint64_t scale = 1;
    for (int i = 0; i < decimals; i++) {
        scale *= 10;
    }
    double exact = (value < 0 ? -value : value) * (double)scale + 0.5;
    uint64_t scaled = exact < LARGEST_SCALED ? (uint64_t)exact : (uint64_t)LARGEST_SCALED;
    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        scale /= 10;
        decimals--;
    }
    if (value < 0 && scaled > 0) {
        append_byte(text, '-');
    }
    append_digits(text, scaled / scale, 1);
    if (decimals > 0) {
        append_byte(text, '.');
        append_digits(text, scaled % scale, decimals);
    }
}

bool text_append_slug(struct text *text, const char *bytes, size_t len) {
    bool appended = false;
    bool hyphen_due = false;
    for (size_t i = 0; i < len; i++) {
        char byte = bytes[i];
        if (byte >= 'A' && byte <= 'Z') {
            byte = (char)(byte - 'A' + 'a');
        }
        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))) {
            hyphen_due = appended;
            continue;
        }
        if (hyphen_due) {
            append_byte(text, '-');
            hyphen_due = false;
        }
        append_byte(text, byte);
        appended = true;
    }
    return appended;
}
