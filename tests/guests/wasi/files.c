// Tries what a program can do with files, and answers with the line of the first thing that is not as POSIX says; 0 if all is.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SHOULD(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #condition, strerror(errno)); \
            exit(1); \
        } \
    } while (0)
#define FAILS(call, expected) SHOULD((call) == -1 && errno == (expected))

static void write_and_read(void) {
    char text[32] = "";
    int file = open("/a.txt", O_RDWR | O_CREAT | O_EXCL, 0666);
    SHOULD(file > 2);
    FAILS(open("/a.txt", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
    SHOULD(write(file, "hello world", 11) == 11);
    SHOULD(lseek(file, 6, SEEK_SET) == 6 && read(file, text, 5) == 5 && !memcmp(text, "world", 5));
    SHOULD(read(file, text, 5) == 0);
    SHOULD(lseek(file, -5, SEEK_END) == 6 && lseek(file, 1, SEEK_CUR) == 7);
    FAILS(lseek(file, -8, SEEK_CUR), EINVAL);
    SHOULD(pread(file, text, 5, 0) == 5 && !memcmp(text, "hello", 5) && lseek(file, 0, SEEK_CUR) == 7);
    SHOULD(pwrite(file, "J", 1, 0) == 1 && pread(file, text, 5, 0) == 5 && !memcmp(text, "Jello", 5));
    SHOULD(close(file) == 0);
    FAILS(close(file), EBADF);
    file = open("/a.txt", O_RDONLY);
    FAILS(write(file, "x", 1), EBADF);
    close(file);
}

static void holes_and_sizes(void) {
    struct stat stat;
    char text[8];
    int file = open("/hole", O_RDWR | O_CREAT, 0666);
    SHOULD(pwrite(file, "end", 3, 100000) == 3 && fstat(file, &stat) == 0 && stat.st_size == 100003 && S_ISREG(stat.st_mode));
    SHOULD(pread(file, text, 4, 50000) == 4 && !memcmp(text, "\0\0\0\0", 4));
    SHOULD(ftruncate(file, 10) == 0 && ftruncate(file, 20) == 0 && pread(file, text, 8, 12) == 8 && !memcmp(text, "\0\0\0\0\0\0\0\0", 8));
    SHOULD(posix_fallocate(file, 0, 30) == 0 && fstat(file, &stat) == 0 && stat.st_size == 30);
    close(file);
    file = open("/hole", O_WRONLY | O_TRUNC);
    SHOULD(fstat(file, &stat) == 0 && stat.st_size == 0);
    close(file);
    file = open("/hole", O_WRONLY | O_APPEND);
    SHOULD(write(file, "ab", 2) == 2 && lseek(file, 0, SEEK_SET) == 0 && write(file, "cd", 2) == 2 && fstat(file, &stat) == 0 && stat.st_size == 4);
    close(file);
}

static int entries(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    SHOULD(folder);
    for (struct dirent *entry; (entry = readdir(folder));) count++;
    closedir(folder);
    return count;
}

static void folders(void) {
    char name[64];
    SHOULD(mkdir("/d", 0777) == 0 && mkdir("/d/e", 0777) == 0);
    FAILS(mkdir("/d", 0777), EEXIST);
    FAILS(mkdir("/x/y", 0777), ENOENT);
    FAILS(mkdir("/a.txt/y", 0777), ENOTDIR);
    FAILS(rmdir("/d"), ENOTEMPTY);
    FAILS(rmdir("/a.txt"), ENOTDIR);
    FAILS(unlink("/d"), EISDIR);
    FAILS(open("/d", O_WRONLY), EISDIR);
    FAILS(open("/a.txt/", O_RDONLY), ENOTDIR);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "/d/file-with-a-long-name-%d", i);
        int file = open(name, O_WRONLY | O_CREAT, 0666);
        SHOULD(file >= 0 && close(file) == 0);
    }
    int count = entries("/d");
    SHOULD(count == 301 || count == 303); // "." and ".." may be left out
    DIR *folder = opendir("/d");
    int removed = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strncmp(entry->d_name, "file", 4)) continue;
        SHOULD(unlinkat(dirfd(folder), entry->d_name, 0) == 0);
        removed++;
    }
    closedir(folder);
    SHOULD(removed == 300);
    SHOULD(rmdir("/d/e") == 0 && rmdir("/d") == 0);
}

static void names(void) {
    struct stat one, other;
    SHOULD(rename("/a.txt", "/b.txt") == 0 && access("/a.txt", F_OK) == -1 && stat("/b.txt", &one) == 0);
    SHOULD(link("/b.txt", "/c.txt") == 0 && stat("/c.txt", &other) == 0 && one.st_ino == other.st_ino && other.st_nlink == 2);
    SHOULD(symlink("b.txt", "/s") == 0 && stat("/s", &other) == 0 && one.st_ino == other.st_ino);
    SHOULD(lstat("/s", &other) == 0 && S_ISLNK(other.st_mode) && other.st_size == 5);
    FAILS(open("/s", O_RDONLY | O_NOFOLLOW), ELOOP);
    SHOULD(symlink("loop", "/loop") == 0);
    FAILS(open("/loop", O_RDONLY), ELOOP);
    SHOULD(mkdir("/m", 0777) == 0 && mkdir("/m/n", 0777) == 0);
    FAILS(rename("/m", "/m/n/o"), EINVAL);
    FAILS(rename("/b.txt", "/m"), EISDIR);
    FAILS(rename("/m", "/b.txt"), ENOTDIR);
    SHOULD(rename("/m/n", "/n") == 0 && rmdir("/m") == 0 && rmdir("/n") == 0);
    int file = open("/c.txt", O_RDONLY);
    SHOULD(unlink("/b.txt") == 0 && unlink("/c.txt") == 0 && fstat(file, &other) == 0 && other.st_nlink == 0 && other.st_size == 11);
    close(file);
    SHOULD(unlink("/s") == 0 && unlink("/loop") == 0 && unlink("/hole") == 0);
}

static void times_and_polls(void) {
    struct timespec set[2] = {{100, 1}, {200, 2}};
    struct stat stat;
    int file = open("/t", O_RDWR | O_CREAT, 0666);
    SHOULD(futimens(file, set) == 0 && fstat(file, &stat) == 0 && stat.st_atim.tv_sec == 100 && stat.st_mtim.tv_nsec == 2);
    struct pollfd polled[2] = {{.fd = file, .events = POLLIN}, {.fd = 1, .events = POLLOUT}};
    SHOULD(poll(polled, 2, 1000) == 2 && (polled[1].revents & POLLOUT));
    SHOULD(poll(NULL, 0, 0) == 0 || errno == ENOTSUP || errno == EINVAL); // an empty poll may be refused
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    SHOULD(usleep(20000) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    SHOULD((after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 20000000);
    close(file);
    SHOULD(unlink("/t") == 0);
}

int main(void) {
    int before = entries("/");
    write_and_read();
    holes_and_sizes();
    folders();
    names();
    times_and_polls();
    SHOULD(entries("/") == before);
    printf("all is well\n");
    return 0;
}
