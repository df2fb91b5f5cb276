#include "swarm.h"

/* Whether two quakes, the earlier one first, lie within the window. As a difference of times can overflow, it is unsigned. */
static bool are_near(const struct swarm_detector *detector, size_t earlier, size_t later) {
    uint64_t distance = (uint64_t)detector->by_time[later].time_ms - (uint64_t)detector->by_time[earlier].time_ms;
    return distance <= (uint64_t)detector->window_ms;
}

/* Removes the first or the last quake, whichever is further from `time_ms`. */
static void forget_furthest(struct swarm_detector *detector, int64_t time_ms) {
    const struct swarm_quake *quakes = detector->by_time;
    size_t last = --detector->kept;
    bool before_all = time_ms <= quakes[0].time_ms, after_all = time_ms >= quakes[last].time_ms;
    uint64_t from_first = (uint64_t)time_ms - (uint64_t)quakes[0].time_ms;
    uint64_t to_last = (uint64_t)quakes[last].time_ms - (uint64_t)time_ms;
    if (!before_all && (after_all || from_first > to_last)) {
        for (size_t i = 0; i < last; i++) {
            detector->by_time[i] = detector->by_time[i + 1];
        }
    }
}

/* Inserts a quake behind those of the same time. Answers its index. */
static size_t insert(struct swarm_detector *detector, const struct swarm_quake *quake) {
    if (detector->kept == SWARM_QUAKES_KEPT) {
        forget_furthest(detector, quake->time_ms);
    }
    size_t index = detector->kept++;
    for (; index > 0 && detector->by_time[index - 1].time_ms > quake->time_ms; index--) {
        detector->by_time[index] = detector->by_time[index - 1];
    }
    detector->by_time[index] = *quake;
    return index;
}

/* Looks for `quakes` quakes within the window, the one at `index` among them. */
static bool find_swarm(const struct swarm_detector *detector, size_t index, struct swarm *swarm) {
    size_t needed = (size_t)detector->quakes;
    size_t first = index + 1 > needed ? index + 1 - needed : 0;
    for (; first <= index && first + needed <= detector->kept; first++) {
        if (are_near(detector, first, first + needed - 1)) {
            *swarm = (struct swarm){.quakes = &detector->by_time[first], .count = needed};
            return true;
        }
    }
    return false;
}

bool swarm_begins(struct swarm_detector *detector, const struct swarm_quake *quake, struct swarm *swarm) {
    size_t index = insert(detector, quake);
    size_t first = index, last = index;
    while (first > 0 && are_near(detector, first - 1, first)) {
        first--;
    }
    while (last + 1 < detector->kept && are_near(detector, last, last + 1)) {
        last++;
    }
    bool reported = false;
    for (size_t i = first; i <= last; i++) {
        reported |= detector->by_time[i].reported;
    }
    bool begins = !reported && find_swarm(detector, index, swarm);
    for (size_t i = first; i <= last; i++) {
        detector->by_time[i].reported = reported || begins;
    }
    return begins;
}
