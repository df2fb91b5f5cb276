/*
 * Measures how the week's earthquakes divide into small and large ones: the b-value of Gutenberg and Richter, by Aki's formula
 * b = log10(e) / (mean magnitude - smallest magnitude), over the quakes that are not below the configured completeness.
 *
 * Config: {"completeness": 4.2, "every": 100}. After every so many quakes an event on `quakes.b-value` tells the figure, and
 * the histogram that it comes from.
 */
#include "event.h"
#include "json.h"
#include "mesh_v1.h"
#include "text.h"

enum {
    BINS_PER_MAGNITUDE = 2,
    LARGEST_MAGNITUDE = 10,
    BINS = BINS_PER_MAGNITUDE * LARGEST_MAGNITUDE,
    DECIMALS = 3,
    REPORT_MAX_BYTES = 1024,
};

static const double LOG10_E = 0.43429448190325182765;
static const char TOPIC[] = "quakes.b-value";
static const char CONTENT_TYPE[] = "application/json";

static struct {
    double completeness;
    int64_t every;
    int64_t quakes;
    /* Those at or above the completeness, and the sum of their magnitudes. */
    int64_t counted;
    double sum;
    int64_t bins[BINS];
} state = {.completeness = 1.0, .every = 100};

MESH_INIT {
    struct json_field members[] = {{.key = "completeness"}, {.key = "every"}};
    json_pick(config_object(), members, 2);
    if (number_or_null(members[0].value, "completeness").kind == JSON_NUMBER) {
        state.completeness = json_number_to_double(members[0].value);
    }
    if (is_given(members[1].value)) {
        state.every = required_int64(members[1].value, "every");
    }
    if (state.every < 1) {
        fail("every is less than 1");
    }
    return 0;
}

/* The magnitude of an earthquake; absent for what is none, and for quakes whose magnitude nobody has measured. */
static struct json_value magnitude_of(struct json_value feature) {
    struct json_field members[] = {{.key = "properties"}};
    struct json_field properties[] = {{.key = "mag"}, {.key = "type"}};
    json_pick(feature, members, 1);
    if (members[0].value.kind != JSON_OBJECT) {
        fail_as_not("the event's data", "a GeoJSON feature with properties");
    }
    json_pick(members[0].value, properties, 2);
    bool is_quake = properties[1].value.kind == JSON_STRING && json_string_is(properties[1].value, "earthquake");
    return is_quake ? number_or_null(properties[0].value, "the property mag") : (struct json_value){.kind = JSON_ABSENT};
}

static void count(double magnitude) {
    state.quakes++;
    if (magnitude < state.completeness) {
        return;
    }
    double bin = magnitude * (double)BINS_PER_MAGNITUDE;
    state.bins[bin < 0 ? 0 : bin < (double)BINS ? (int)bin : BINS - 1]++;
    state.counted++;
    state.sum += magnitude;
}

static void append_histogram(struct text *report) {
    text_append_string(report, ",\"histogram\":[");
    for (int i = 0; i < BINS; i++) {
        text_append_string(report, i == 0 ? "" : ",");
        text_append_int64(report, state.bins[i]);
    }
    text_append_string(report, "]");
}

static void publish_report(void) {
    char bytes[REPORT_MAX_BYTES];
    struct text report = TEXT_OVER(bytes);
    double above = state.counted > 0 ? state.sum / (double)state.counted - state.completeness : 0;
    text_append_string(&report, "{\"quakes\":");
    text_append_int64(&report, state.quakes);
    text_append_string(&report, ",\"counted\":");
    text_append_int64(&report, state.counted);
    text_append_string(&report, ",\"b\":");
    if (above > 0) {
        text_append_fixed(&report, LOG10_E / above, DECIMALS);
    } else {
        text_append_string(&report, "null");
    }
    append_histogram(&report);
    text_append_string(&report, "}");
    mesh_publish_as(TOPIC, sizeof TOPIC - 1, NULL, 0, CONTENT_TYPE, sizeof CONTENT_TYPE - 1, report.bytes, report.len);
}

MESH_HANDLE(event_size) {
    struct json_value magnitude = magnitude_of(event_object(event_size));
    if (magnitude.kind == JSON_NUMBER) {
        count(json_number_to_double(magnitude));
        if (state.quakes % state.every == 0) {
            publish_report();
        }
    }
    return 0;
}
