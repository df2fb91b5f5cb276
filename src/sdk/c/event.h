/* How an agent whose events and config are JSON reads what it is given, and how it refuses it. */
#ifndef EVENT_H
#define EVENT_H

#include "json.h"
#include "mesh_v1.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The largest event, and the largest config, that an agent reads. */
enum { EVENT_MAX_BYTES = 65536 };

/* The event's data, which must be one JSON object; else the turn fails and says what is wrong. */
struct json_value event_object(size_t event_size);

/* The agent's config, which must be one JSON object. Without a config, or with null, it is an empty one. */
struct json_value config_object(void);

/* Ends the turn as failed, with a sentence that ends with a zero. */
MESH_NORETURN void fail(const char *sentence);

/* Ends the turn as failed: "<what> is not <expected>". */
MESH_NORETURN void fail_as_not(const char *what, const char *expected);

/* Whether a value is there. A member that is null counts as one that is missing. */
bool is_given(struct json_value value);

/* A number, as it is, or `null` where none is given. `what` names it should it be anything else. */
struct json_value number_or_null(struct json_value value, const char *what);

/* The same for a string. */
struct json_value string_or_null(struct json_value value, const char *what);

/* A whole number; else the turn fails. */
int64_t required_int64(struct json_value value, const char *what);

/* Decodes a string that must be there and must fit in `capacity` bytes; else the turn fails. Answers its length. */
size_t required_string(struct json_value value, const char *what, char *dst, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
