/*
 * Takes the GeoJSON features of the earthquake feed and publishes each as a small event of its own: earthquakes on
 * `quake.<region>`, everything else that shakes the ground (explosions, quarry blasts) on `seismic.other.<kind>`.
 */
#include "event.h"
#include "json.h"
#include "mesh_v1.h"
#include "text.h"

enum {
    ID_MAX_BYTES = 128,
    PLACE_MAX_BYTES = 1024,
    KIND_MAX_BYTES = 128,
    TOPIC_MAX_BYTES = PLACE_MAX_BYTES + 16,
    COORDINATES = 3,
};

static const char CONTENT_TYPE[] = "application/json";

/* The members of a feature that are used, as they stand in it. */
struct feature {
    struct json_value id, kind, magnitude, magnitude_type, time, place, felt, longitude, latitude, depth;
};

static struct {
    int64_t quakes;
    int64_t others;
} published;

static void read_geometry(struct json_value geometry, struct feature *feature) {
    struct json_value position[COORDINATES] = {0};
    struct json_field members[] = {{.key = "coordinates"}};
    if (is_given(geometry)) {
        if (geometry.kind != JSON_OBJECT) {
            fail_as_not("the member geometry of the feature", "an object");
        }
        json_pick(geometry, members, 1);
        if (members[0].value.kind != JSON_ARRAY) {
            fail_as_not("the member coordinates of the geometry", "an array");
        }
        json_elements(members[0].value, position, COORDINATES);
    }
    feature->longitude = number_or_null(position[0], "the longitude");
    feature->latitude = number_or_null(position[1], "the latitude");
    feature->depth = number_or_null(position[2], "the depth");
}

static void read_properties(struct json_value properties, struct feature *feature) {
    enum { MAG, MAG_TYPE, TIME, PLACE, FELT, TYPE, MEMBERS };
    struct json_field members[MEMBERS] = {
        [MAG] = {.key = "mag"},     [MAG_TYPE] = {.key = "magType"}, [TIME] = {.key = "time"},
        [PLACE] = {.key = "place"}, [FELT] = {.key = "felt"},        [TYPE] = {.key = "type"},
    };
    if (properties.kind != JSON_OBJECT) {
        fail_as_not("the member properties of the feature", "an object");
    }
    json_pick(properties, members, MEMBERS);
    required_int64(members[TIME].value, "the property time");
    feature->time = members[TIME].value;
    feature->magnitude = number_or_null(members[MAG].value, "the property mag");
    feature->felt = number_or_null(members[FELT].value, "the property felt");
    feature->magnitude_type = string_or_null(members[MAG_TYPE].value, "the property magType");
    feature->place = string_or_null(members[PLACE].value, "the property place");
    feature->kind = string_or_null(members[TYPE].value, "the property type");
}

static struct feature read_feature(struct json_value object) {
    enum { TYPE, ID, PROPERTIES, GEOMETRY, MEMBERS };
    struct json_field members[MEMBERS] = {
        [TYPE] = {.key = "type"},
        [ID] = {.key = "id"},
        [PROPERTIES] = {.key = "properties"},
        [GEOMETRY] = {.key = "geometry"},
    };
    json_pick(object, members, MEMBERS);
    if (members[TYPE].value.kind != JSON_STRING || !json_string_is(members[TYPE].value, "Feature")) {
        fail_as_not("the event's data", "a GeoJSON feature");
    }
    if (members[ID].value.kind != JSON_STRING) {
        fail_as_not("the feature's id", "a string");
    }
    struct feature feature = {.id = members[ID].value};
    read_properties(members[PROPERTIES].value, &feature);
    read_geometry(members[GEOMETRY].value, &feature);
    return feature;
}

/* Where the name of the region begins in a place such as "4km W of Castaic, CA" or "Gulf of Alaska". */
static size_t region_start(const char *place, size_t len) {
    for (size_t i = len; i > 0; i--) {
        if (place[i - 1] == ',') {
            return i;
        }
    }
    for (size_t i = 0; i + 3 <= len; i++) {
        if (place[i] == 'o' && place[i + 1] == 'f' && place[i + 2] == ' ') {
            return i + 3;
        }
    }
    return 0;
}

static void append_slug_or_unknown(struct text *text, const char *bytes, size_t len) {
    if (!text_append_slug(text, bytes, len)) {
        text_append_string(text, "unknown");
    }
}

static void append_region(struct text *text, struct json_value place) {
    static char decoded[PLACE_MAX_BYTES];
    size_t len = place.kind == JSON_STRING ? required_string(place, "the property place", decoded, sizeof decoded) : 0;
    size_t start = region_start(decoded, len);
    append_slug_or_unknown(text, decoded + start, len - start);
}

static void append_kind(struct text *text, struct json_value kind) {
    static char decoded[KIND_MAX_BYTES];
    size_t len = kind.kind == JSON_STRING ? required_string(kind, "the property type", decoded, sizeof decoded) : 0;
    append_slug_or_unknown(text, decoded, len);
}

static void append_member(struct text *data, const char *key_with_punctuation, struct json_value value) {
    text_append_string(data, key_with_punctuation);
    text_append(data, value.text, value.len);
}

/* What was read is passed on as it was written, so no digit of a number is lost. */
static void append_data(struct text *data, const struct feature *feature, const struct text *region) {
    append_member(data, "{\"id\":", feature->id);
    append_member(data, ",\"type\":", feature->kind);
    append_member(data, ",\"mag\":", feature->magnitude);
    append_member(data, ",\"magType\":", feature->magnitude_type);
    append_member(data, ",\"time\":", feature->time);
    append_member(data, ",\"place\":", feature->place);
    text_append_string(data, ",\"region\":\"");
    text_append(data, region->bytes, region->len);
    append_member(data, "\",\"lon\":", feature->longitude);
    append_member(data, ",\"lat\":", feature->latitude);
    append_member(data, ",\"depth\":", feature->depth);
    append_member(data, ",\"felt\":", feature->felt);
    text_append_string(data, "}");
}

MESH_HANDLE(event_size) {
    static char id_bytes[ID_MAX_BYTES], region_bytes[PLACE_MAX_BYTES], topic_bytes[TOPIC_MAX_BYTES];
    static char data_bytes[EVENT_MAX_BYTES + PLACE_MAX_BYTES];
    struct text region = TEXT_OVER(region_bytes), topic = TEXT_OVER(topic_bytes), data = TEXT_OVER(data_bytes);

    struct feature feature = read_feature(event_object(event_size));
    bool is_quake = feature.kind.kind == JSON_STRING && json_string_is(feature.kind, "earthquake");
    append_region(&region, feature.place);
    text_append_string(&topic, is_quake ? "quake." : "seismic.other.");
    if (is_quake) {
        text_append(&topic, region.bytes, region.len);
    } else {
        append_kind(&topic, feature.kind);
    }
    append_data(&data, &feature, &region);
    size_t id_len = required_string(feature.id, "the feature's id", id_bytes, sizeof id_bytes);

    *(is_quake ? &published.quakes : &published.others) += 1;
    mesh_publish_as(topic.bytes, topic.len, id_bytes, id_len, CONTENT_TYPE, sizeof CONTENT_TYPE - 1, data.bytes, data.len);
    return 0;
}
