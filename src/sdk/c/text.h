/* Text built up in a buffer of fixed size. What does not fit is left out but counted, so that one check at the end is enough. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct text {
    char *bytes;
    size_t capacity;
    /* More than `capacity` if something did not fit. */
    size_t len;
};

/* An empty text over an array. */
#define TEXT_OVER(array) ((struct text){.bytes = (array), .capacity = sizeof(array), .len = 0})

/* The length of a string that ends with a zero. */
size_t text_length(const char *string);

bool text_fits(const struct text *text);

void text_append(struct text *text, const char *bytes, size_t len);

/* Appends a string that ends with a zero. */
void text_append_string(struct text *text, const char *string);

void text_append_int64(struct text *text, int64_t value);

/*
 * Appends a number rounded to `decimals` (at most 9) places, without trailing zeros: 2.50 is 2.5. What is beyond
 * 9 * 10^(18 - decimals) is written as that.
 */
void text_append_fixed(struct text *text, double value, int decimals);

/*
 * Appends `len` bytes as a token of a topic: ASCII letters in lower case, digits as they are, any run of other bytes as one
 * hyphen, none at either end. Answers false if nothing was left to append.
 */
bool text_append_slug(struct text *text, const char *bytes, size_t len);

#ifdef __cplusplus
}
#endif

#endif
