#include "host.h"

#include "mesh_v1.h"
#include "text.h"
#include "values.h"

enum { DECIMAL_MAX_BYTES = 24 };

/* The arguments of a call. */
typedef js_pointer arguments;
typedef js_value host_function(arguments arguments);

static size_t event_size;

void host_begin_event(size_t size) { event_size = size; }

static js_value decimal(int64_t value) {
    char digits[DECIMAL_MAX_BYTES];
    struct text text = TEXT_OVER(digits);
    text_append_int64(&text, value);
    return js_string(text.bytes, text.len);
}

static int64_t from_decimal(struct bytes text) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    return (int64_t)value;
}

static struct bytes text_at(arguments arguments, int32_t index) { return text_of(quickjs_argument(arguments, index)); }

static struct bytes data_at(arguments arguments, int32_t index) { return data_of(quickjs_argument(arguments, index)); }

static int64_t integer_at(arguments arguments, int32_t index) { return integer_of(quickjs_argument(arguments, index)); }

static struct bytes event_data(void) {
    struct bytes data = {.at = arena_take(event_size)};
    data.len = mesh_event_read(data.at, 0, event_size);
    return data;
}

static js_value event_text(arguments arguments) {
    (void)arguments;
    struct bytes data = event_data();
    return js_string(data.at, data.len);
}

static js_value event_bytes(arguments arguments) {
    (void)arguments;
    struct bytes data = event_data();
    return js_buffer(data.at, data.len);
}

static js_value event_attribute(arguments arguments) {
    int32_t attribute = (int32_t)integer_at(arguments, 0);
    size_t len = mesh_event_attr(attribute, NULL, 0);
    char *text = arena_take(len);
    mesh_event_attr(attribute, text, len);
    return js_string(text, len);
}

static js_value config_text(arguments arguments) {
    (void)arguments;
    size_t len = mesh_config_size();
    char *text = arena_take(len);
    return js_string(text, mesh_config_read(text, 0, len));
}

static js_value publish(arguments arguments) {
    struct bytes topic = text_at(arguments, 0), subject = text_at(arguments, 1), type = text_at(arguments, 2), data = data_at(arguments, 3);
    mesh_publish_as(topic.at, topic.len, subject.at, subject.len, type.at, type.len, data.at, data.len);
    return 0;
}

static js_value send(arguments arguments) {
    struct bytes agent = text_at(arguments, 0), data = data_at(arguments, 1);
    mesh_send(agent.at, agent.len, data.at, data.len);
    return 0;
}

static js_value reply(arguments arguments) {
    struct bytes data = data_at(arguments, 0);
    mesh_reply(data.at, data.len);
    return 0;
}

static js_value request(arguments arguments) {
    struct bytes topic = text_at(arguments, 0), data = data_at(arguments, 1);
    return decimal(mesh_request(topic.at, topic.len, data.at, data.len, integer_at(arguments, 2)));
}

static js_value schedule(arguments arguments) {
    struct bytes topic = text_at(arguments, 1), data = data_at(arguments, 2);
    return decimal(mesh_schedule(integer_at(arguments, 0), topic.at, topic.len, data.at, data.len));
}

static js_value cancel(arguments arguments) {
    mesh_cancel(from_decimal(text_at(arguments, 0)));
    return 0;
}

static js_value spawn(arguments arguments) {
    struct bytes name = text_at(arguments, 0);
    mesh_spawn(name.at, name.len, NULL, 0, NULL, 0);
    return 0;
}

static js_value stop(arguments arguments) {
    struct bytes name = text_at(arguments, 0);
    mesh_stop(name.at, name.len);
    return 0;
}

static js_value watch(arguments arguments) {
    struct bytes name = text_at(arguments, 0);
    mesh_watch(name.at, name.len);
    return 0;
}

static js_value now(arguments arguments) {
    (void)arguments;
    return decimal(mesh_now());
}

static js_value random(arguments arguments) {
    size_t len = (size_t)integer_at(arguments, 0);
    char *bytes = arena_take(len);
    mesh_random(bytes, len);
    return js_buffer(bytes, len);
}

static js_value write_log(arguments arguments) {
    struct bytes line = text_at(arguments, 1);
    mesh_log((int32_t)integer_at(arguments, 0), line.at, line.len);
    return 0;
}

static js_value health(arguments arguments) {
    struct bytes sentence = text_at(arguments, 1);
    mesh_health((int32_t)integer_at(arguments, 0), sentence.at, sentence.len);
    return 0;
}

static js_value integrate(arguments arguments) {
    struct bytes change = text_at(arguments, 0);
    return decimal(mesh_integrate(change.at, change.len));
}

static js_value fail(arguments arguments) {
    struct bytes sentence = text_at(arguments, 0);
    mesh_fail(sentence.at, sentence.len);
}

/* A function's place here is the id that the engine calls it by. */
static const struct {
    const char *name;
    host_function *function;
    int32_t arguments;
} functions[] = {
    {"eventText", event_text, 0},
    {"eventBytes", event_bytes, 0},
    {"eventAttribute", event_attribute, 1},
    {"configText", config_text, 0},
    {"publish", publish, 4},
    {"send", send, 2},
    {"reply", reply, 1},
    {"request", request, 3},
    {"schedule", schedule, 3},
    {"cancel", cancel, 1},
    {"spawn", spawn, 1},
    {"stop", stop, 1},
    {"watch", watch, 1},
    {"now", now, 0},
    {"random", random, 1},
    {"log", write_log, 2},
    {"health", health, 2},
    {"integrate", integrate, 1},
    {"fail", fail, 1},
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

js_value host_object(void) {
    js_value object = quickjs_new_object(context);
    for (int32_t id = 0; id < FUNCTIONS; id++) {
        size_t len = text_length(functions[id].name) + 1;
        js_pointer name = quickjs_malloc(len);
        copy_to_js(name, functions[id].name, len);
        js_value function = quickjs_new_function(context, name, functions[id].arguments, 0, id);
        js_value key = js_literal(functions[id].name);
        quickjs_set_property(context, object, key, function);
        quickjs_free_value(context, key);
        quickjs_free_value(context, function);
        quickjs_free(name);
    }
    return object;
}

/* Called by the engine for every call of a function above. The prelude gives each what it takes. */
__attribute__((export_name("call_host"))) js_value call_host(js_context caller, js_value self, int32_t argc, arguments arguments, int32_t id) {
    static const char refusal[] = "a function of the host was called with too few arguments";
    (void)caller;
    (void)self;
    if (argc < functions[id].arguments) {
        mesh_fail(refusal, sizeof refusal - 1);
    }
    char *before = arena_take(0);
    js_value result = functions[id].function(arguments);
    arena_release(before);
    return result;
}
