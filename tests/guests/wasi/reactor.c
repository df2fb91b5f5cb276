// A reactor: a C library with the mesh's functions; its constructors run in turn 0. Counts in memory and in a file.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh_v1.h"

static int handled;
static int constructed;

__attribute__((constructor)) static void construct(void) { constructed = 41; }

__attribute__((export_name("mesh_init"))) int mesh_init(void) {
    constructed++;
    return constructed == 42 ? 0 : 1;
}

__attribute__((export_name("mesh_handle"))) int mesh_handle(size_t size) {
    char *text = calloc(size + 1, 1);
    mesh_event_read(text, 0, size);
    if (strstr(text, "trap")) __builtin_trap();
    if (!strcmp(text, "exit")) exit(0);
    FILE *file = fopen("/handled", "a");
    if (!file) return 2;
    fprintf(file, "%s\n", text);
    long bytes = ftell(file);
    fclose(file);
    printf("%d %d %ld %s\n", constructed, ++handled, bytes, text);
    fflush(stdout);
    mesh_publish("out.direct", 10, text, size);
    free(text);
    return 0;
}
