/* Values of the script as the runtime needs them. There is one engine with one context in an agent. */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* Bytes of a value, in the agent's own memory until the end of the host call or turn that asked for them. */
struct bytes {
    char *at;
    size_t len;
};

extern js_context context;

/* Room until it is released; the turn fails if there is none. */
char *arena_take(size_t len);
/* Gives back all that was taken since `from`, which arena_take answered. */
void arena_release(char *from);

/* A new string. Bytes after a zero are left out, as the engine's strings of this kind end there. */
js_value js_string(const char *text, size_t len);

/* A new string of what ends with a zero. */
js_value js_literal(const char *text);

/* A new ArrayBuffer. */
js_value js_buffer(const void *data, size_t len);

/* The text of any value. */
struct bytes text_of(js_value value);

/* The content of an ArrayBuffer, or the text of anything else. */
struct bytes data_of(js_value value);

int64_t integer_of(js_value value);

/* Fails the turn with the error, if the value stands for an exception. */
js_value checked(js_value value);

#endif
