/*
 * A JSON reader (RFC 8259) for guests without a C library. It allocates nothing: a value is a piece of the document, checked
 * once as a whole by json_parse and then looked into where it stands.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How deep arrays and objects may be nested. */
enum { JSON_MAX_DEPTH = 64 };

enum json_kind {
    /* What json_pick leaves where an object has no such member. */
    JSON_ABSENT = 0,
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* A value as it stands in the document: a string with its quotes and escapes, a number with all its digits. */
struct json_value {
    enum json_kind kind;
    const char *text;
    size_t len;
};

/* What is wrong with a document, as the end of a sentence, and where. */
struct json_error {
    const char *message;
    size_t offset;
};

/* Checks a whole document, UTF-8 included. Answers false and says why if it is none. */
bool json_parse(const char *text, size_t len, struct json_value *value, struct json_error *error);

/* A member to look for, and what was found. */
struct json_field {
    const char *key;
    struct json_value value;
};

/*
 * Looks for members of an object, in one pass. Of several members with the same key the last one counts. Answers how many
 * members have a key that is not among the fields.
 */
size_t json_pick(struct json_value object, struct json_field *fields, size_t count);

/* Fills `elements` with the first elements of an array. Answers how many it filled, at most `count`. */
size_t json_elements(struct json_value array, struct json_value *elements, size_t count);

/* Whether a string value, its escapes resolved, is `expected`. */
bool json_string_is(struct json_value string, const char *expected);

/*
 * Writes a string value as UTF-8, its escapes resolved, as far as `capacity` allows; half a surrogate pair becomes U+FFFD.
 * Answers the full length.
 */
size_t json_string_decode(struct json_value string, char *dst, size_t capacity);

/* The number nearest to a number value if it has up to 15 digits and an exponent up to 22; close to it beyond that. */
double json_number_to_double(struct json_value number);

/* Answers false if the number is not whole or, written with a point or an exponent, too large to be sure of it. */
bool json_number_to_int64(struct json_value number, int64_t *result);

#ifdef __cplusplus
}
#endif

#endif
