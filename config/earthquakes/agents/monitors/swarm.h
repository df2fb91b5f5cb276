/*
 * Finds swarms: at least so many quakes within so much time, by the quakes' own times, whatever the order they arrive in.
 *
 * Quakes form a chain as long as none of them is further from the next than the window. A swarm is found once in a chain: a
 * quake that joins the chain later belongs to the same swarm, and only a gap longer than the window lets another begin.
 */
#ifndef SWARM_H
#define SWARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Quakes that are remembered. Of more, the one furthest in time from the newcomer is forgotten. */
    SWARM_QUAKES_KEPT = 256,
    /* With its quotes. */
    SWARM_ID_MAX_BYTES = 64,
};

struct swarm_quake {
    int64_t time_ms;
    double magnitude;
    bool has_magnitude;
    /* Whether the swarm of this quake's chain has been reported. */
    bool reported;
    uint8_t id_len;
    /* As in JSON, with quotes and escapes. */
    char id[SWARM_ID_MAX_BYTES];
};

struct swarm_detector {
    int64_t quakes;
    int64_t window_ms;
    size_t kept;
    /* In the order of their times. */
    struct swarm_quake by_time[SWARM_QUAKES_KEPT];
};

/* The quakes that make a swarm, the earliest first: `count` elements of the detector's `by_time`, until the next quake. */
struct swarm {
    const struct swarm_quake *quakes;
    size_t count;
};

/* Takes a quake in. Answers true, and the swarm, if a swarm begins with it. */
bool swarm_begins(struct swarm_detector *detector, const struct swarm_quake *quake, struct swarm *swarm);

#endif
