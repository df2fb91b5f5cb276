/*
 * A version of the monitors with a mistake: it takes it for granted that no id is longer than those it has seen so far. It keeps what it knows where the
 * monitors keep it, so that it goes on from their state; and it is there to be rolled back.
 */
#include "../monitors/swarm.c"

enum { LONGEST_ID_BYTES = sizeof "\"ci37868143\"" - 1 };

static bool strict_swarm_begins(struct swarm_detector *detector, const struct swarm_quake *quake, struct swarm *swarm) {
    if (quake->id_len > LONGEST_ID_BYTES) {
        __builtin_trap();
    }
    return swarm_begins(detector, quake, swarm);
}

#define swarm_begins strict_swarm_begins
#include "../monitors/monitors.c"
