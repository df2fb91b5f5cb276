/*
 * QuickJS as the agent's runtime sees it. The engine has a memory of its own: a js_pointer points into that, and what crosses is
 * copied. A js_value is a pointer to a value that its receiver frees with quickjs_free_value; 0 stands for undefined.
 */
#ifndef QUICKJS_H
#define QUICKJS_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t js_pointer;
typedef js_pointer js_value;
typedef js_pointer js_context;

#define QUICKJS(name) __attribute__((import_module("quickjs"), import_name(#name)))
#define BOUNDARY(name) __attribute__((import_module("a"), import_name(#name)))

/* Runs the static constructors of the engine. */
QUICKJS(start) void quickjs_start(void);
QUICKJS(malloc) js_pointer quickjs_malloc(size_t bytes);
QUICKJS(free) void quickjs_free(js_pointer block);
QUICKJS(new_runtime) js_pointer quickjs_new_runtime(void);
/* `intrinsics` 0 is everything that the language has. */
QUICKJS(new_context) js_context quickjs_new_context(js_pointer runtime, int32_t intrinsics);
QUICKJS(free_value) void quickjs_free_value(js_context context, js_value value);
QUICKJS(free_string) void quickjs_free_string(js_context context, js_pointer text);
QUICKJS(new_object) js_value quickjs_new_object(js_context context);
/* Takes over the block. */
QUICKJS(new_array_buffer) js_value quickjs_new_array_buffer(js_context context, js_pointer block, size_t bytes);
QUICKJS(get_number) double quickjs_get_number(js_context context, js_value value);
/* Copies a text that ends with a zero. */
QUICKJS(new_string) js_value quickjs_new_string(js_context context, js_pointer text);
/* The text ends with a zero; it is freed with quickjs_free_string. */
QUICKJS(get_string) js_pointer quickjs_get_string(js_context context, js_value value);
QUICKJS(get_array_buffer) js_pointer quickjs_get_array_buffer(js_context context, js_value value);
QUICKJS(get_array_buffer_length) size_t quickjs_get_array_buffer_length(js_context context, js_value value);
/* Runs what promises have queued, at most `max` jobs, -1 for all. Answers how many, or an exception. */
QUICKJS(run_jobs) js_value quickjs_run_jobs(js_pointer runtime, int32_t max, js_pointer last_context);
QUICKJS(get_property) js_value quickjs_get_property(js_context context, js_value object, js_value name);
QUICKJS(set_property) void quickjs_set_property(js_context context, js_value object, js_value name, js_value value);
QUICKJS(call) js_value quickjs_call(js_context context, js_value function, js_value self, int32_t argc, js_pointer argv);
/* The error, if the value stands for an exception; else 0. */
QUICKJS(resolve_exception) js_value quickjs_resolve_exception(js_context context, js_value value);
QUICKJS(eval)
js_value quickjs_eval(js_context context, js_pointer code, size_t len, js_pointer file, int32_t detect_module, int32_t flags);
/* The name of the type; freed with quickjs_free. */
QUICKJS(type_of) js_pointer quickjs_type_of(js_context context, js_value value);
/* A function that calls call_host with this id. */
QUICKJS(new_function)
js_value quickjs_new_function(js_context context, js_pointer name, int32_t argc, int32_t is_constructor, int32_t id);
/* An argument of call_host; it is not freed. */
QUICKJS(argument) js_value quickjs_argument(js_pointer argv, int32_t index);

BOUNDARY(to_js) void copy_to_js(js_pointer dst, const void *src, size_t len);
BOUNDARY(from_js) void copy_from_js(void *dst, js_pointer src, size_t len);
BOUNDARY(byte_of_js) uint8_t byte_of_js(js_pointer at);
/* The length of a text that ends with a zero. */
BOUNDARY(length_in_js) size_t length_in_js(js_pointer text);

#undef QUICKJS
#undef BOUNDARY

#endif
