#include "values.h"

#include "mesh_v1.h"
#include "text.h"

enum { PAGE_BYTES = 65536 };

extern char __heap_base;
static char *arena_end = &__heap_base;

char *arena_take(size_t len) {
    static const char refusal[] = "the agent's memory cannot grow any more";
    char *taken = arena_end;
    size_t room = __builtin_wasm_memory_size(0) * PAGE_BYTES - (size_t)taken;
    if (len > room && __builtin_wasm_memory_grow(0, (len - room + PAGE_BYTES - 1) / PAGE_BYTES) == (size_t)-1) {
        mesh_fail(refusal, sizeof refusal - 1);
    }
    arena_end += len;
    return taken;
}

void arena_release(char *from) { arena_end = from; }

/* A copy of a text in the engine's memory, with a zero at its end. */
static js_pointer copied(const char *text, size_t len) {
    js_pointer copy = quickjs_malloc(len + 1);
    copy_to_js(copy, text, len);
    copy_to_js(copy + len, "", 1);
    return copy;
}

js_value js_string(const char *text, size_t len) {
    js_pointer copy = copied(text, len);
    js_value value = quickjs_new_string(context, copy);
    quickjs_free(copy);
    return value;
}

js_value js_literal(const char *text) { return js_string(text, text_length(text)); }

js_value js_buffer(const void *data, size_t len) { return quickjs_new_array_buffer(context, copied(data, len), len); }

struct bytes text_of(js_value value) {
    js_pointer text = quickjs_get_string(context, value);
    struct bytes bytes = {.len = text ? length_in_js(text) : 0};
    bytes.at = arena_take(bytes.len);
    if (text) {
        copy_from_js(bytes.at, text, bytes.len);
        quickjs_free_string(context, text);
    }
    return bytes;
}

struct bytes data_of(js_value value) {
    js_pointer type = quickjs_type_of(context, value);
    bool is_object = byte_of_js(type) == 'o';
    quickjs_free(type);
    if (!is_object) {
        return text_of(value);
    }
    struct bytes bytes = {.len = quickjs_get_array_buffer_length(context, value)};
    bytes.at = arena_take(bytes.len);
    copy_from_js(bytes.at, quickjs_get_array_buffer(context, value), bytes.len);
    return bytes;
}

int64_t integer_of(js_value value) { return (int64_t)quickjs_get_number(context, value); }

js_value checked(js_value value) {
    js_value error = quickjs_resolve_exception(context, value);
    if (error) {
        struct bytes text = text_of(error);
        mesh_fail(text.at, text.len);
    }
    return value;
}
