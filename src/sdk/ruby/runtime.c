/*
 * An agent whose handler is a Ruby program: the interpreter, kept alive from event to event, with all that the program keeps. The
 * program is built in as SCRIPT, the path of its file.
 *
 * Ruby's module was made to live in a JavaScript engine: the only way out of it is to have JavaScript evaluated. There is none here.
 * The text that arrives is a call of the prelude's, and what it answers is fetched as the text of the value that came of it.
 */
#include "ruby.h"
#include "text.h"

enum {
    POINTER_BYTES = 4,
    DECIMAL_MAX_BYTES = 24,
    /* The handle of the one value there is: the answer to the last call. */
    ANSWER = 1,
};

static const char prelude[] = {
#embed "prelude.rb"
};
static const char script[] = {
#embed SCRIPT
};

/* A text in the interpreter's memory. */
struct span {
    ruby_pointer at;
    uint32_t len;
};

static uint32_t event_size;
static struct span answer;

static ruby_pointer take(uint32_t len) { return ruby_realloc(0, 0, POINTER_BYTES, len == 0 ? 1 : len); }

static struct span copied(const char *text, uint32_t len) {
    struct span span = {take(len), len};
    copy_to_ruby(span.at, text, len);
    return span;
}

_Noreturn static void fail(const char *sentence) {
    struct span span = copied(sentence, text_length(sentence));
    mesh_fail(span.at, span.len);
}

/* ---- calls -------------------------------------------------------------------------------------------------------------- */

typedef struct span call(const struct span *texts);

static const struct span nothing;

static struct span decimal(int64_t value) {
    char digits[DECIMAL_MAX_BYTES];
    struct text text = TEXT_OVER(digits);
    text_append_int64(&text, value);
    return copied(text.bytes, text.len);
}

static int64_t number_of(struct span decimal) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < decimal.len; i++) {
        uint32_t digit = (ruby_load(decimal.at + i) & 0xff) - '0';
        if (digit > 9) {
            fail("a number of the call is none");
        }
        value = value * 10 + digit;
    }
    return (int64_t)value;
}

static struct span give_script(const struct span *texts) {
    (void)texts;
    return copied(script, sizeof script);
}

static struct span event_read(const struct span *texts) {
    (void)texts;
    struct span data = {take(event_size), event_size};
    mesh_event_read(data.at, 0, data.len);
    return data;
}

static struct span event_attribute(const struct span *texts) {
    int32_t attribute = (int32_t)number_of(texts[0]);
    uint32_t len = mesh_event_attr(attribute, 0, 0);
    struct span text = {take(len), len};
    mesh_event_attr(attribute, text.at, len);
    return text;
}

static struct span config(const struct span *texts) {
    (void)texts;
    uint32_t len = mesh_config_size();
    struct span text = {take(len), len};
    mesh_config_read(text.at, 0, len);
    return text;
}

static struct span publish(const struct span *texts) {
    mesh_publish_as(texts[0].at, texts[0].len, texts[1].at, texts[1].len, texts[2].at, texts[2].len, texts[3].at, texts[3].len);
    return nothing;
}

static struct span send(const struct span *texts) {
    mesh_send(texts[0].at, texts[0].len, texts[1].at, texts[1].len);
    return nothing;
}

static struct span reply(const struct span *texts) {
    mesh_reply(texts[0].at, texts[0].len);
    return nothing;
}

static struct span request(const struct span *texts) {
    return decimal(mesh_request(texts[0].at, texts[0].len, texts[1].at, texts[1].len, number_of(texts[2])));
}

static struct span schedule(const struct span *texts) {
    return decimal(mesh_schedule(number_of(texts[0]), texts[1].at, texts[1].len, texts[2].at, texts[2].len));
}

static struct span cancel(const struct span *texts) {
    mesh_cancel(number_of(texts[0]));
    return nothing;
}

static struct span spawn(const struct span *texts) {
    mesh_spawn(texts[0].at, texts[0].len, 0, 0, 0, 0);
    return nothing;
}

static struct span stop(const struct span *texts) {
    mesh_stop(texts[0].at, texts[0].len);
    return nothing;
}

static struct span watch(const struct span *texts) {
    mesh_watch(texts[0].at, texts[0].len);
    return nothing;
}

static struct span now(const struct span *texts) {
    (void)texts;
    return decimal(mesh_now());
}

static struct span random(const struct span *texts) {
    uint32_t len = (uint32_t)number_of(texts[0]);
    struct span bytes = {take(len), len};
    mesh_random(bytes.at, len);
    return bytes;
}

static struct span write_log(const struct span *texts) {
    mesh_log((int32_t)number_of(texts[0]), texts[1].at, texts[1].len);
    return nothing;
}

static struct span health(const struct span *texts) {
    mesh_health((int32_t)number_of(texts[0]), texts[1].at, texts[1].len);
    return nothing;
}

static struct span give_up(const struct span *texts) { mesh_fail(texts[0].at, texts[0].len); }

static struct span integrate(const struct span *texts) { return decimal(mesh_integrate(texts[0].at, texts[0].len)); }

/* By the numbers that the prelude gives them, with how many texts each takes. */
enum { MAX_TEXTS = 4 };
static const struct {
    call *call;
    uint32_t texts;
} calls[] = {
    {give_script, 0}, {event_read, 0}, {event_attribute, 1}, {config, 0}, {publish, 4}, {send, 2},  {reply, 1},     {request, 3}, {schedule, 3},
    {cancel, 1},      {spawn, 1},      {stop, 1},            {watch, 1},  {now, 0},     {random, 1}, {write_log, 2}, {health, 2},  {give_up, 1},
    {integrate, 1},
};
enum { CALLS = sizeof calls / sizeof calls[0] };

/* ---- what javascript.wat hands on ----------------------------------------------------------------------------------------- */

/* The code is a call: words of 32 bits (the verb, how many texts, the length of each), then the texts. */
__attribute__((export_name("evaluate"))) void evaluate(ruby_pointer code, uint32_t len, ruby_pointer result) {
    struct span texts[MAX_TEXTS];
    uint32_t verb = ruby_load(code), count = ruby_load(code + POINTER_BYTES);
    if (len < 2 * POINTER_BYTES || verb >= CALLS || count != calls[verb].texts) {
        fail("there is no JavaScript here; the script reaches the mesh through the module Mesh");
    }
    ruby_pointer at = code + (2 + count) * POINTER_BYTES;
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = (struct span){at, ruby_load(code + (2 + i) * POINTER_BYTES)};
        at += texts[i].len;
    }
    answer = calls[verb].call(texts);
    ruby_store(result, 0);
    ruby_store(result + POINTER_BYTES, ANSWER);
}

/* The interpreter frees the text. */
__attribute__((export_name("text_of_answer"))) void text_of_answer(ruby_pointer result) {
    ruby_store(result, answer.at == 0 ? take(0) : answer.at);
    ruby_store(result + POINTER_BYTES, answer.len);
    answer = nothing;
}

/* ---- the agent ------------------------------------------------------------------------------------------------------------ */

/* Evaluates a program of which nothing is to be kept. What it raises is caught in the prelude; the prelude itself may fail. */
static void run(struct span program) {
    ruby_pointer result = ruby_eval(program.at, program.len);
    uint32_t state = ruby_load(result + POINTER_BYTES);
    ruby_drop(ruby_load(result));
    if (state != 0) {
        fail("the prelude raised an exception");
    }
}

static struct span handle;

__attribute__((export_name("mesh_init"))) int32_t mesh_init(void) {
    static const char *const arguments[] = {"ruby", "-EUTF-8", "--disable-gems", "-e_=0"};
    enum { ARGUMENTS = sizeof arguments / sizeof arguments[0] };
    ruby_initialize();
    ruby_pointer list = take(ARGUMENTS * 2 * POINTER_BYTES);
    for (uint32_t i = 0; i < ARGUMENTS; i++) {
        struct span argument = copied(arguments[i], text_length(arguments[i]) + 1);
        ruby_store(list + i * 2 * POINTER_BYTES, argument.at);
        ruby_store(list + i * 2 * POINTER_BYTES + POINTER_BYTES, argument.len);
    }
    ruby_init(list, ARGUMENTS);
    run(copied(prelude, sizeof prelude));
    run(copied("Mesh.start", sizeof "Mesh.start" - 1));
    handle = copied("Mesh.handle", sizeof "Mesh.handle" - 1);
    return 0;
}

__attribute__((export_name("mesh_handle"))) int32_t mesh_handle(uint32_t size) {
    event_size = size;
    run(handle);
    return 0;
}
