/*
 * Watches one region: keeps statistics of its earthquakes and publishes `alert.swarm.<region>` when a swarm begins. There is
 * one agent of this module for each region.
 *
 * Config: {"quakes": 5, "window_ms": 3600000}, how many quakes within how much time make a swarm. Both have these defaults.
 */
#include "event.h"
#include "json.h"
#include "mesh_v1.h"
#include "swarm.h"
#include "text.h"

enum {
    DEFAULT_QUAKES = 5,
    DEFAULT_WINDOW_MS = 3600000,
    REGION_MAX_BYTES = 1024,
    PLACE_MAX_BYTES = 1024,
    TOPIC_MAX_BYTES = REGION_MAX_BYTES + 16,
    ALERT_MAX_BYTES = SWARM_QUAKES_KEPT * (SWARM_ID_MAX_BYTES + 1) + REGION_MAX_BYTES + PLACE_MAX_BYTES + 512,
    MAGNITUDE_DECIMALS = 3,
};

static const char CONTENT_TYPE[] = "application/json";

struct quake {
    struct swarm_quake swarm_quake;
    struct json_value depth, place, region;
};

static struct {
    int64_t quakes;
    int64_t magnitudes;
    double smallest_magnitude;
    double largest_magnitude;
    double sum_of_magnitudes;
    bool has_depth;
    double deepest_km;
    /* As in JSON, with quotes and escapes. */
    size_t last_place_len;
    char last_place[PLACE_MAX_BYTES];
} statistics;

static struct swarm_detector detector;

MESH_VERSION(1)
MESH_LAYOUT(1)

static int64_t int64_or(struct json_value value, int64_t default_value, const char *what) {
    return is_given(value) ? required_int64(value, what) : default_value;
}

MESH_INIT {
    enum { QUAKES, WINDOW_MS, MEMBERS };
    struct json_field members[MEMBERS] = {[QUAKES] = {.key = "quakes"}, [WINDOW_MS] = {.key = "window_ms"}};
    if (json_pick(config_object(), members, MEMBERS) > 0) {
        fail("the config has a key other than quakes and window_ms");
    }
    detector.quakes = int64_or(members[QUAKES].value, DEFAULT_QUAKES, "quakes in the config");
    detector.window_ms = int64_or(members[WINDOW_MS].value, DEFAULT_WINDOW_MS, "window_ms in the config");
    if (detector.quakes < 2 || detector.quakes > SWARM_QUAKES_KEPT) {
        fail_as_not("quakes in the config", "a number from 2 to 256");
    }
    if (detector.window_ms < 0) {
        fail_as_not("window_ms in the config", "a number from 0 up");
    }
    return 0;
}

static struct quake read_quake(struct json_value object) {
    enum { ID, TIME, MAG, DEPTH, PLACE, REGION, MEMBERS };
    struct json_field members[MEMBERS] = {
        [ID] = {.key = "id"},       [TIME] = {.key = "time"},   [MAG] = {.key = "mag"},
        [DEPTH] = {.key = "depth"}, [PLACE] = {.key = "place"}, [REGION] = {.key = "region"},
    };
    json_pick(object, members, MEMBERS);
    struct quake quake = {.place = string_or_null(members[PLACE].value, "the quake's place"), .region = members[REGION].value};
    struct swarm_quake *swarm_quake = &quake.swarm_quake;
    struct json_value magnitude = number_or_null(members[MAG].value, "the quake's mag");
    quake.depth = number_or_null(members[DEPTH].value, "the quake's depth");
    if (members[ID].value.kind != JSON_STRING || members[ID].value.len > SWARM_ID_MAX_BYTES) {
        fail_as_not("the quake's id", "a string of at most 62 bytes");
    }
    swarm_quake->id_len = (uint8_t)members[ID].value.len;
    __builtin_memcpy(swarm_quake->id, members[ID].value.text, members[ID].value.len);
    swarm_quake->time_ms = required_int64(members[TIME].value, "the quake's time");
    swarm_quake->has_magnitude = magnitude.kind == JSON_NUMBER;
    swarm_quake->magnitude = swarm_quake->has_magnitude ? json_number_to_double(magnitude) : 0;
    return quake;
}

static void add_magnitude(double magnitude) {
    bool first = statistics.magnitudes++ == 0;
    statistics.sum_of_magnitudes += magnitude;
    if (first || magnitude < statistics.smallest_magnitude) {
        statistics.smallest_magnitude = magnitude;
    }
    if (first || magnitude > statistics.largest_magnitude) {
        statistics.largest_magnitude = magnitude;
    }
}

static void add_to_statistics(const struct quake *quake) {
    statistics.quakes++;
    if (quake->swarm_quake.has_magnitude) {
        add_magnitude(quake->swarm_quake.magnitude);
    }
    if (quake->depth.kind == JSON_NUMBER) {
        double depth_km = json_number_to_double(quake->depth);
        if (!statistics.has_depth || depth_km > statistics.deepest_km) {
            statistics.deepest_km = depth_km;
        }
        statistics.has_depth = true;
    }
    if (quake->place.kind == JSON_STRING && quake->place.len <= PLACE_MAX_BYTES) {
        statistics.last_place_len = quake->place.len;
        __builtin_memcpy(statistics.last_place, quake->place.text, quake->place.len);
    }
}

static void append_number(struct text *text, const char *key_with_punctuation, bool known, double value) {
    text_append_string(text, key_with_punctuation);
    if (known) {
        text_append_fixed(text, value, MAGNITUDE_DECIMALS);
    } else {
        text_append_string(text, "null");
    }
}

static void append_statistics(struct text *alert) {
    bool known = statistics.magnitudes > 0;
    text_append_string(alert, ",\"so_far\":{\"quakes\":");
    text_append_int64(alert, statistics.quakes);
    append_number(alert, ",\"min_mag\":", known, statistics.smallest_magnitude);
    append_number(alert, ",\"max_mag\":", known, statistics.largest_magnitude);
    append_number(alert, ",\"mean_mag\":", known, known ? statistics.sum_of_magnitudes / (double)statistics.magnitudes : 0);
    append_number(alert, ",\"deepest_km\":", statistics.has_depth, statistics.deepest_km);
    text_append_string(alert, ",\"last_place\":");
    if (statistics.last_place_len > 0) {
        text_append(alert, statistics.last_place, statistics.last_place_len);
    } else {
        text_append_string(alert, "null");
    }
    text_append_string(alert, "}");
}

static void append_swarm(struct text *alert, const struct swarm *swarm) {
    const struct swarm_quake *largest = NULL;
    text_append_string(alert, ",\"count\":");
    text_append_int64(alert, (int64_t)swarm->count);
    text_append_string(alert, ",\"from\":");
    text_append_int64(alert, swarm->quakes[0].time_ms);
    text_append_string(alert, ",\"to\":");
    text_append_int64(alert, swarm->quakes[swarm->count - 1].time_ms);
    text_append_string(alert, ",\"ids\":");
    for (size_t i = 0; i < swarm->count; i++) {
        const struct swarm_quake *quake = &swarm->quakes[i];
        text_append_string(alert, i == 0 ? "[" : ",");
        text_append(alert, quake->id, quake->id_len);
        if (quake->has_magnitude && (!largest || quake->magnitude > largest->magnitude)) {
            largest = quake;
        }
    }
    append_number(alert, "],\"max_mag\":", largest != NULL, largest ? largest->magnitude : 0);
}

static void publish_alert(const struct text *region, const struct swarm *swarm) {
    static char topic_bytes[TOPIC_MAX_BYTES], alert_bytes[ALERT_MAX_BYTES];
    struct text topic = TEXT_OVER(topic_bytes), alert = TEXT_OVER(alert_bytes);
    text_append_string(&topic, "alert.swarm.");
    text_append(&topic, region->bytes, region->len);
    text_append_string(&alert, "{\"region\":\"");
    text_append(&alert, region->bytes, region->len);
    text_append_string(&alert, "\"");
    append_swarm(&alert, swarm);
    append_statistics(&alert);
    text_append_string(&alert, "}");
    mesh_publish_as(topic.bytes, topic.len, region->bytes, region->len, CONTENT_TYPE, sizeof CONTENT_TYPE - 1, alert.bytes, alert.len);
}

static void append_region(struct text *region, struct json_value name) {
    static char decoded[REGION_MAX_BYTES];
    size_t len = required_string(name, "the quake's region", decoded, sizeof decoded);
    if (!text_append_slug(region, decoded, len)) {
        fail("the quake's region has neither a letter nor a digit");
    }
}

MESH_HANDLE(event_size) {
    static char region_bytes[REGION_MAX_BYTES];
    struct text region = TEXT_OVER(region_bytes);
    struct swarm swarm;
    struct quake quake = read_quake(event_object(event_size));
    append_region(&region, quake.region);
    add_to_statistics(&quake);
    if (swarm_begins(&detector, &quake.swarm_quake, &swarm)) {
        publish_alert(&region, &swarm);
    }
    return 0;
}
