/*
 * The interpreter as the runtime sees it. It has a memory of its own, the agent's memory 0: a ruby_pointer points into that, and the
 * mesh reads and writes there too. The runtime's own memory is another one.
 */
#ifndef RUBY_H
#define RUBY_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t ruby_pointer;

#define RUBY(name) __attribute__((import_module("ruby"), import_name(name)))
#define BOUNDARY(name) __attribute__((import_module("canonical_abi"), import_name(#name)))
#define MESH(name) __attribute__((import_module("mesh_v1"), import_name(#name)))

/* Runs what the C library has to do first. */
RUBY("_initialize") void ruby_initialize(void);
/* Takes the arguments of the command line: pairs of pointer and length, each text with a zero at its end. */
RUBY("ruby-init: func(args: list<string>) -> ()") void ruby_init(ruby_pointer arguments, uint32_t count);
/* Evaluates a program. Answers where its value's handle and its state stand; a state other than 0 is an exception. */
RUBY("rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>")
ruby_pointer ruby_eval(ruby_pointer program, uint32_t len);
RUBY("canonical_abi_drop_rb-abi-value") void ruby_drop(uint32_t handle);
/* As realloc, with an alignment; a block that is given to the interpreter is freed by it. */
RUBY("cabi_realloc") ruby_pointer ruby_realloc(ruby_pointer block, uint32_t bytes, uint32_t alignment, uint32_t new_bytes);

BOUNDARY(load) uint32_t ruby_load(ruby_pointer at);
BOUNDARY(store) void ruby_store(ruby_pointer at, uint32_t value);
BOUNDARY(to_ruby) void copy_to_ruby(ruby_pointer dst, const void *src, size_t len);

/* mesh_v1, whose pointers here are the interpreter's. */
MESH(event_read) uint32_t mesh_event_read(ruby_pointer dst, uint32_t offset, uint32_t len);
MESH(event_attr) uint32_t mesh_event_attr(int32_t attribute, ruby_pointer dst, uint32_t cap);
MESH(config_size) uint32_t mesh_config_size(void);
MESH(config_read) uint32_t mesh_config_read(ruby_pointer dst, uint32_t offset, uint32_t len);
MESH(publish_as)
void mesh_publish_as(ruby_pointer topic, uint32_t topic_len, ruby_pointer subject, uint32_t subject_len, ruby_pointer type, uint32_t type_len,
                     ruby_pointer data, uint32_t data_len);
MESH(send) void mesh_send(ruby_pointer agent, uint32_t agent_len, ruby_pointer data, uint32_t data_len);
MESH(reply) void mesh_reply(ruby_pointer data, uint32_t data_len);
MESH(request)
int64_t mesh_request(ruby_pointer topic, uint32_t topic_len, ruby_pointer data, uint32_t data_len, int64_t timeout_ms);
MESH(schedule)
int64_t mesh_schedule(int64_t delay_ms, ruby_pointer topic, uint32_t topic_len, ruby_pointer data, uint32_t data_len);
MESH(cancel) void mesh_cancel(int64_t timer);
MESH(spawn)
void mesh_spawn(ruby_pointer name, uint32_t name_len, ruby_pointer module, uint32_t module_len, ruby_pointer config, uint32_t config_len);
MESH(stop) void mesh_stop(ruby_pointer name, uint32_t name_len);
MESH(watch) void mesh_watch(ruby_pointer name, uint32_t name_len);
MESH(now) int64_t mesh_now(void);
MESH(random) void mesh_random(ruby_pointer dst, uint32_t len);
MESH(log) void mesh_log(int32_t level, ruby_pointer text, uint32_t len);
MESH(health) void mesh_health(int32_t level, ruby_pointer text, uint32_t len);
MESH(integrate) int64_t mesh_integrate(ruby_pointer change, uint32_t change_len);
MESH(fail) _Noreturn void mesh_fail(ruby_pointer text, uint32_t len);

#undef RUBY
#undef BOUNDARY
#undef MESH

#endif
