#include "event.h"

#include "text.h"

enum { SENTENCE_MAX_BYTES = 256 };

static char bytes[EVENT_MAX_BYTES];

void fail(const char *sentence) {
    struct text text = {.capacity = 0};
    text_append_string(&text, sentence);
    mesh_fail(sentence, text.len);
}

MESH_NORETURN static void fail_with(const struct text *sentence) {
    mesh_fail(sentence->bytes, text_fits(sentence) ? sentence->len : sentence->capacity);
}

void fail_as_not(const char *what, const char *expected) {
    char buffer[SENTENCE_MAX_BYTES];
    struct text sentence = TEXT_OVER(buffer);
    text_append_string(&sentence, what);
    text_append_string(&sentence, " is not ");
    text_append_string(&sentence, expected);
    fail_with(&sentence);
}

MESH_NORETURN static void fail_as_malformed(const char *what, struct json_error error) {
    char buffer[SENTENCE_MAX_BYTES];
    struct text sentence = TEXT_OVER(buffer);
    text_append_string(&sentence, what);
    text_append_string(&sentence, " is not JSON: ");
    text_append_string(&sentence, error.message);
    text_append_string(&sentence, ", at byte ");
    text_append_int64(&sentence, (int64_t)error.offset);
    fail_with(&sentence);
}

MESH_NORETURN static void fail_as_too_large(const char *what, size_t size, size_t limit) {
    char buffer[SENTENCE_MAX_BYTES];
    struct text sentence = TEXT_OVER(buffer);
    text_append_string(&sentence, what);
    text_append_string(&sentence, " has ");
    text_append_int64(&sentence, (int64_t)size);
    text_append_string(&sentence, " bytes; this agent takes at most ");
    text_append_int64(&sentence, (int64_t)limit);
    fail_with(&sentence);
}

static struct json_value parse_object(const char *what, size_t len) {
    struct json_value value;
    struct json_error error;
    if (!json_parse(bytes, len, &value, &error)) {
        fail_as_malformed(what, error);
    }
    return value;
}

struct json_value event_object(size_t event_size) {
    static const char what[] = "the event's data";
    if (event_size > EVENT_MAX_BYTES) {
        fail_as_too_large(what, event_size, EVENT_MAX_BYTES);
    }
    struct json_value value = parse_object(what, mesh_event_read(bytes, 0, event_size));
    if (value.kind != JSON_OBJECT) {
        fail_as_not(what, "a JSON object");
    }
    return value;
}

struct json_value config_object(void) {
    static const char what[] = "the config";
    static const struct json_value empty = {.kind = JSON_OBJECT, .text = "{}", .len = 2};
    size_t size = mesh_config_size();
    if (size > EVENT_MAX_BYTES) {
        fail_as_too_large(what, size, EVENT_MAX_BYTES);
    }
    if (size == 0) {
        return empty;
    }
    struct json_value value = parse_object(what, mesh_config_read(bytes, 0, size));
    if (is_given(value) && value.kind != JSON_OBJECT) {
        fail_as_not(what, "a JSON object");
    }
    return is_given(value) ? value : empty;
}

bool is_given(struct json_value value) {
    return value.kind != JSON_ABSENT && value.kind != JSON_NULL;
}

static struct json_value kind_or_null(struct json_value value, enum json_kind kind, const char *what, const char *expected) {
    if (!is_given(value)) {
        return (struct json_value){.kind = JSON_NULL, .text = "null", .len = 4};
    }
    if (value.kind != kind) {
        fail_as_not(what, expected);
    }
    return value;
}

struct json_value number_or_null(struct json_value value, const char *what) {
    return kind_or_null(value, JSON_NUMBER, what, "a number");
}

struct json_value string_or_null(struct json_value value, const char *what) {
    return kind_or_null(value, JSON_STRING, what, "a string");
}

int64_t required_int64(struct json_value value, const char *what) {
    int64_t result;
    if (value.kind != JSON_NUMBER || !json_number_to_int64(value, &result)) {
        fail_as_not(what, "a whole number");
    }
    return result;
}

size_t required_string(struct json_value value, const char *what, char *dst, size_t capacity) {
    if (value.kind != JSON_STRING) {
        fail_as_not(what, "a string");
    }
    size_t len = json_string_decode(value, dst, capacity);
    if (len > capacity) {
        fail_as_too_large(what, len, capacity);
    }
    return len;
}
