// A command with a loop over its input: what it counts lies in its memory and on its stack. "quit" ends it, "trap" breaks it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int depth_of(int depth, long long *total) {
    char line[256];
    if (depth > 0) return depth_of(depth - 1, total) + 1;
    for (int number = 1; fgets(line, sizeof line, stdin); number++) {
        line[strcspn(line, "\n")] = 0;
        if (!strcmp(line, "quit")) exit(0);
        if (strstr(line, "trap")) __builtin_trap();
        *total += (long long)strlen(line);
        printf("%d %lld %s\n", number, *total, line);
        fflush(stdout);
    }
    return 0;
}

int main(void) {
    long long total = 0;
    printf("begun\n");
    fflush(stdout);
    return depth_of(5, &total) > 100;
}
