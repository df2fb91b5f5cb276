/*
 * mesh_v1: what a guest written in C or C++ imports from the mesh and exports to it.
 *
 * Compile freestanding for wasm32 or wasm64, or against a C library for WASI; a pointer or length is as wide as the module's
 * memory, so that this header serves both:
 *
 *   clang --target=wasm32 -nostdlib -O2 -mbulk-memory -Wl,--no-entry -I src/sdk/c -o agent.wasm agent.c
 *
 * A guest exports `memory` (the linker does that), `mesh_handle`, and if it wants to, `mesh_init` and `mesh_migrate`: see the
 * MESH_… macros below. Everything that a turn publishes, sends, schedules, spawns or stops takes effect only if the turn
 * succeeds: a turn that traps, fails or answers a status other than 0 leaves nothing behind but its record.
 */
#ifndef MESH_V1_H
#define MESH_V1_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define MESH_EXTERN_C extern "C"
#define MESH_NORETURN [[noreturn]]
extern "C" {
#else
#define MESH_EXTERN_C
#define MESH_NORETURN _Noreturn
#endif

#define MESH_IMPORT(name) __attribute__((import_module("mesh_v1"), import_name(#name)))

/*
 * `MESH_HANDLE(event_size) { … }` defines what handles one event, in one turn. `event_size` is the length of the event's data
 * in bytes. Answer 0 for success; any other status fails the turn.
 */
#define MESH_HANDLE(event_size) MESH_EXTERN_C __attribute__((export_name("mesh_handle"))) int32_t mesh_handle(size_t event_size)

/*
 * `MESH_INIT { … }` is optional and runs once in an agent's life, in turn 0, after the module's start function. It may read
 * the config and emit. An instance restored from a snapshot does not run it. Answer 0 for success.
 */
#ifdef __cplusplus
/* Called by src/sdk/cpp/start.cpp, which exports mesh_init, when the static constructors have run. */
#define MESH_INIT extern "C" int32_t mesh_agent_init()
#else
#define MESH_INIT __attribute__((export_name("mesh_init"))) int32_t mesh_init(void)
#endif

/* `MESH_VERSION(number)` says which version of itself the module is; 0 where it is left out. */
#define MESH_VERSION(number) MESH_EXTERN_C __attribute__((export_name("mesh_version"))) int32_t mesh_version(void) { return (number); }

/*
 * `MESH_LAYOUT(number)` promises that each module with the same number can go on from the memory that the other left: what both
 * keep between turns stands at the same addresses and means the same, and what is constant in one is constant in the other.
 */
#define MESH_LAYOUT(number) MESH_EXTERN_C __attribute__((export_name("mesh_layout"))) int32_t mesh_layout(void) { return (number); }

/*
 * `MESH_MIGRATE(from_version) { … }` is optional and runs when this module takes over the memory that another version of it
 * left. Answer 0 if that state can be carried on.
 */
#define MESH_MIGRATE(from_version) \
    MESH_EXTERN_C __attribute__((export_name("mesh_migrate"))) int32_t mesh_migrate(int32_t from_version)

/*
 * `MESH_SAVE { … }` writes down with mesh_state_write what the agent is to know in another module, however that lays its memory out;
 * `MESH_LOAD(size) { … }` reads it with mesh_event_read in a fresh instance, where MESH_INIT does not run. Both are optional. Answer
 * 0 for success. Nothing that leaves the agent may be done in them but lines for the log.
 */
#define MESH_SAVE MESH_EXTERN_C __attribute__((export_name("mesh_save"))) int32_t mesh_save(void)
#define MESH_LOAD(size) MESH_EXTERN_C __attribute__((export_name("mesh_load"))) int32_t mesh_load(size_t size)

/* Within MESH_SAVE: appends to what is written down. */
MESH_IMPORT(state_write) void mesh_state_write(const void *data, size_t len);

/* ---- the event of this turn ------------------------------------------------------------------------------------------- */

/*
 * Copies up to `len` bytes of the event's data, beginning at `offset`, to `dst`. Answers how many bytes were copied: fewer
 * than `len` at the end of the data, 0 past it. Data may be fetched in as many pieces as the guest likes.
 */
MESH_IMPORT(event_read) size_t mesh_event_read(void *dst, size_t offset, size_t len);

/* The attributes of the event, as CloudEvents names them, and the mesh's own. All are text in UTF-8. */
enum mesh_attribute {
    MESH_ATTRIBUTE_ID = 0,
    MESH_ATTRIBUTE_SOURCE = 1,
    /* The event's type, which in the mesh is its topic. */
    MESH_ATTRIBUTE_TOPIC = 2,
    MESH_ATTRIBUTE_SUBJECT = 3,
    /* The producer's own time, RFC 3339; mesh_now() is the mesh's. */
    MESH_ATTRIBUTE_TIME = 4,
    MESH_ATTRIBUTE_DATA_CONTENT_TYPE = 5,
    /* The W3C trace context. */
    MESH_ATTRIBUTE_TRACE_PARENT = 6,
    /* What mesh_request() or mesh_integrate() answered, if this event is the answer to that. */
    MESH_ATTRIBUTE_CORRELATION = 7,
    /* The offset of the event's position in the log, in decimal. */
    MESH_ATTRIBUTE_POSITION = 8,
};

/*
 * Writes the first `cap` bytes of an attribute to `dst`. Answers the attribute's full length, which may be more than `cap`;
 * 0 if the event has no such attribute. There is no terminating zero.
 */
MESH_IMPORT(event_attr) size_t mesh_event_attr(int32_t attribute, void *dst, size_t cap);

/* ---- the agent's config ----------------------------------------------------------------------------------------------- */

/* The length in bytes of the config that the topology gives this agent; 0 if it gives none. */
MESH_IMPORT(config_size) size_t mesh_config_size(void);

/* Copies up to `len` bytes of the config, beginning at `offset`, to `dst`. Answers how many bytes were copied. */
MESH_IMPORT(config_read) size_t mesh_config_read(void *dst, size_t offset, size_t len);

/* ---- what a turn emits ------------------------------------------------------------------------------------------------ */

/* Publishes an event on a topic that the agent may publish to. */
MESH_IMPORT(publish) void mesh_publish(const char *topic, size_t topic_len, const void *data, size_t data_len);

/* Publishes an event with a subject and a content type. A length of 0 leaves either of them out. */
MESH_IMPORT(publish_as)
void mesh_publish_as(const char *topic, size_t topic_len, const char *subject, size_t subject_len, const char *content_type,
                     size_t content_type_len, const void *data, size_t data_len);

/* Sends an event to one agent, on its private topic. */
MESH_IMPORT(send) void mesh_send(const char *agent, size_t agent_len, const void *data, size_t data_len);

/* Answers the event of this turn: to the requester if it was a request, else to the agent that emitted it. */
MESH_IMPORT(reply) void mesh_reply(const void *data, size_t data_len);

/*
 * Publishes a request. Answers the correlation that the answer, or the word that none came within `timeout_ms` milliseconds,
 * will carry when it arrives as an event of a later turn.
 */
MESH_IMPORT(request)
int64_t mesh_request(const char *topic, size_t topic_len, const void *data, size_t data_len, int64_t timeout_ms);

/* ---- timers ----------------------------------------------------------------------------------------------------------- */

/* Has an event published on `topic` in `delay_ms` milliseconds. Answers the timer. Timers outlive restarts. */
MESH_IMPORT(schedule)
int64_t mesh_schedule(int64_t delay_ms, const char *topic, size_t topic_len, const void *data, size_t data_len);

/* Takes a timer back, even one that fired but was not handled yet; without effect on one that is gone. It answers nothing: whether it
   was in time is known only when the turn is recorded, and a guest sees nothing that a replay could not give it again. */
MESH_IMPORT(cancel) void mesh_cancel(int64_t timer);

/* ---- other agents ----------------------------------------------------------------------------------------------------- */

/*
 * Starts an agent of a family that the topology defines, by its full name, as `monitors/alaska`. Module and config are those of
 * the family, so their lengths are 0, or the module is the family's name. Needs the capability to spawn.
 */
MESH_IMPORT(spawn)
void mesh_spawn(const char *name, size_t name_len, const char *module, size_t module_len, const void *config, size_t config_len);

/* Stops an agent. */
MESH_IMPORT(stop) void mesh_stop(const char *name, size_t name_len);

/* Asks for an event when that agent stops. */
MESH_IMPORT(watch) void mesh_watch(const char *name, size_t name_len);

/*
 * Asks for a change of the topology, in JSON: what it may say, and what of it the capability `integrate` allows, is told in
 * src/AkkaWasm.Actors/INTEGRATE.md. Answers the correlation that the answer (applied, planned, unchanged, stale or refused, in JSON)
 * will carry when it arrives as an event of a later turn. Needs the capability to integrate.
 */
MESH_IMPORT(integrate) int64_t mesh_integrate(const char *change, size_t change_len);

/* ---- time and chance: the same in every replay ------------------------------------------------------------------------ */

/* When the event of this turn was appended to the log, in nanoseconds since the Unix epoch. The same for the whole turn. */
MESH_IMPORT(now) int64_t mesh_now(void);

/* Fills `dst` with random bytes, seeded by the agent, its incarnation and the event's position. */
MESH_IMPORT(random) void mesh_random(void *dst, size_t len);

/* ---- word to the operator --------------------------------------------------------------------------------------------- */

enum mesh_level {
    MESH_LEVEL_TRACE = 0,
    MESH_LEVEL_DEBUG = 1,
    MESH_LEVEL_INFO = 2,
    MESH_LEVEL_WARN = 3,
    MESH_LEVEL_ERROR = 4,
};

/* Writes a line to the service's log, with the agent's name. */
MESH_IMPORT(log) void mesh_log(int32_t level, const char *text, size_t len);

enum {
    MESH_HEALTH_WELL = 0,
    MESH_HEALTH_DEGRADED = 1,
    MESH_HEALTH_OVERLOADED = 2,
};

/* Says how the agent is (MESH_HEALTH_…; any other level fails the turn), and why, in at most health.max-reason bytes (1 KiB). What
   differs from what it said before is published on mesh.health.NAME. */
MESH_IMPORT(health) void mesh_health(int32_t level, const char *text, size_t len);

/* Ends the turn as failed, with a message for whoever looks at the quarantined event. Does not return. */
MESH_NORETURN MESH_IMPORT(fail) void mesh_fail(const char *text, size_t len);

#undef MESH_IMPORT

#ifdef __cplusplus
}
#endif

#endif
