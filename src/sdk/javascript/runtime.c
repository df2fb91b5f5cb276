/*
 * An agent whose handler is a JavaScript program: QuickJS, kept alive from event to event, with all that the script keeps. The
 * script is built in as SCRIPT, the path of its file.
 */
#include "host.h"
#include "mesh_v1.h"
#include "text.h"
#include "values.h"

enum {
    /* Evaluated as a script, not as a module: its functions are global. */
    GLOBAL_SCRIPT = 0,
    ALL_JOBS = -1,
    POINTER_BYTES = 4,
};

static const char prelude[] = {
#embed "prelude.js"
    , 0};
static const char script[] = {
#embed SCRIPT
    , 0};

js_context context;
static js_pointer runtime;
static js_value init, handle;

static js_value evaluate(const char *code, size_t len, const char *file) {
    size_t file_len = text_length(file) + 1;
    js_pointer code_copy = quickjs_malloc(len + 1), file_copy = quickjs_malloc(file_len);
    copy_to_js(code_copy, code, len + 1);
    copy_to_js(file_copy, file, file_len);
    js_value value = quickjs_eval(context, code_copy, len, file_copy, 0, GLOBAL_SCRIPT);
    quickjs_free(code_copy);
    quickjs_free(file_copy);
    return checked(value);
}

static js_value property(js_value object, const char *name) {
    js_value key = js_literal(name);
    js_value value = quickjs_get_property(context, object, key);
    quickjs_free_value(context, key);
    return checked(value);
}

/* Calls a function with one argument, or with none if that is 0. */
static js_value call(js_value function, js_value argument) {
    js_pointer argv = quickjs_malloc(POINTER_BYTES);
    copy_to_js(argv, &argument, POINTER_BYTES);
    js_value result = checked(quickjs_call(context, function, function, argument ? 1 : 0, argv));
    quickjs_free(argv);
    return result;
}

static void run(js_value function) {
    quickjs_free_value(context, call(function, 0));
    js_pointer last_context = quickjs_malloc(POINTER_BYTES);
    quickjs_free_value(context, checked(quickjs_run_jobs(runtime, ALL_JOBS, last_context)));
    quickjs_free(last_context);
}

MESH_INIT {
    quickjs_start();
    runtime = quickjs_new_runtime();
    context = quickjs_new_context(runtime, 0);
    js_value make = evaluate(prelude, sizeof prelude - 1, "prelude.js"), host = host_object();
    js_value turns = call(make, host);
    init = property(turns, "init");
    handle = property(turns, "handle");
    quickjs_free_value(context, turns);
    quickjs_free_value(context, host);
    quickjs_free_value(context, make);
    quickjs_free_value(context, evaluate(script, sizeof script - 1, "agent.js"));
    run(init);
    return 0;
}

MESH_HANDLE(event_size) {
    host_begin_event(event_size);
    run(handle);
    return 0;
}
