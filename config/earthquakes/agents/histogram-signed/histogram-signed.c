/*
 * The second version of the histogram: counts earthquakes by magnitude, in bins of half a magnitude, those of negative magnitude too.
 * The counts of the first version stand where they stood; what is new comes after them.
 */
#include "event.h"
#include "json.h"
#include "mesh_v1.h"

enum {
    BINS_PER_MAGNITUDE = 2,
    LARGEST_MAGNITUDE = 10,
    BINS = BINS_PER_MAGNITUDE * LARGEST_MAGNITUDE,
};

static struct {
    int64_t quakes;
    /* Quakes whose magnitude is null. */
    int64_t without_magnitude;
    /* Quakes of LARGEST_MAGNITUDE and more. */
    int64_t above;
    int64_t bins[BINS];
    /* Quakes whose magnitude is negative. */
    int64_t below;
} counts;

MESH_VERSION(2)
MESH_LAYOUT(1)

static void count(double magnitude) {
    if (magnitude < 0) {
        counts.below++;
    } else if (magnitude >= (double)LARGEST_MAGNITUDE) {
        counts.above++;
    } else {
        counts.bins[(size_t)(magnitude * (double)BINS_PER_MAGNITUDE)]++;
    }
}

MESH_HANDLE(event_size) {
    struct json_field magnitude[] = {{.key = "mag"}};
    json_pick(event_object(event_size), magnitude, 1);
    counts.quakes++;
    if (number_or_null(magnitude[0].value, "the magnitude").kind == JSON_NULL) {
        counts.without_magnitude++;
    } else {
        count(json_number_to_double(magnitude[0].value));
    }
    return 0;
}
