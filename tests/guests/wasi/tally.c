// A command: keeps a count and a journal in files, from event to event. Events are words: "trap" anywhere in it, "exit N", "dirty" (writes, then fails),
// "env", "clock", "random", "args", "long N" (a line of N letters), "many N" (N lines), "data" (reads the preopened folder), "full".
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int count_up(void) {
    int count = 0;
    FILE *file = fopen("/count", "r");
    if (file) {
        if (fscanf(file, "%d", &count) != 1) abort();
        fclose(file);
    }
    file = fopen("/count", "w");
    if (!file) abort();
    fprintf(file, "%d\n", ++count);
    fclose(file);
    return count;
}

static void remember(const char *word) {
    FILE *journal = fopen("/journal", "a");
    if (!journal) abort();
    fprintf(journal, "%s\n", word);
    fclose(journal);
}

static void print_clocks(void) {
    struct timespec before, after, real, pause = {2, 500000000};
    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    clock_gettime(CLOCK_REALTIME, &real);
    printf("slept %lld ns, now %lld.%09ld\n", (long long)(after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec, (long long)real.tv_sec, real.tv_nsec);
}

static void print_folder(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder))) printf("%s/%s\n", path, entry->d_name);
    closedir(folder);
}

static void print_file(const char *path) {
    char text[256];
    FILE *file = fopen(path, "r");
    if (!file) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    while (fgets(text, sizeof text, file)) fputs(text, stdout);
    fclose(file);
    file = fopen(path, "w");
    printf("writing: %s\n", file ? "possible" : strerror(errno));
}

static void print_random(void) {
    unsigned char bytes[8];
    getentropy(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
    printf("\n");
}

static void fill_disk(void) {
    static char block[1 << 16];
    FILE *file = fopen("/full", "w");
    while (file && fwrite(block, 1, sizeof block, file) == sizeof block)
        ;
    printf("stopped by: %s\n", strerror(errno));
    if (file) fclose(file);
    remove("/full");
}

int main(int argc, char **argv) {
    char word[256] = "";
    size_t length = fread(word, 1, sizeof word - 1, stdin);
    word[length] = 0;
    int count = count_up();
    remember(word);
    if (strstr(word, "trap")) __builtin_trap();
    if (!strncmp(word, "exit ", 5)) exit(atoi(word + 5));
    if (!strcmp(word, "env"))
        for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
    else if (!strcmp(word, "args"))
        for (int i = 0; i < argc; i++) printf("%s\n", argv[i]);
    else if (!strcmp(word, "clock")) print_clocks();
    else if (!strcmp(word, "random")) print_random();
    else if (!strcmp(word, "full")) fill_disk();
    else if (!strcmp(word, "data")) {
        print_folder("/data");
        print_file("/data/hello.txt");
    } else if (!strncmp(word, "long ", 5)) {
        for (int i = atoi(word + 5); i > 0; i--) putchar('x');
        putchar('\n');
    } else if (!strncmp(word, "many ", 5))
        for (int i = 0; i < atoi(word + 5); i++) printf("line %d\n", i);
    else printf("%d %s\n", count, word);
    fprintf(stderr, "handled %s", word);
    return 0;
}
