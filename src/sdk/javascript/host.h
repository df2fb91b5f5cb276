/* The functions that the script's prelude is given: mesh_v1, each taking and answering values of the script. */
#ifndef HOST_H
#define HOST_H

#include <stddef.h>

#include "quickjs.h"

/* An object with all of them. */
js_value host_object(void);

/* Says how long the data of the event is that the functions read from now on. */
void host_begin_event(size_t size);

#endif
