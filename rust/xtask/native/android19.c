/* For 32-bit ARM: functions that Rust crates call and that Android has since 5.0, for Android 4.4.
 *
 * bionic of 4.4 has the same under other names: its structures for files were 64 bits wide from the
 * start (stat, statfs and dirent are what others call stat64, statfs64 and dirent64), and its openat
 * sets O_LARGEFILE. Hidden: later phones have functions of these names, with the same results. */

#include <stdarg.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* arch/arm/tools/syscall.tbl of Linux. */
#define NR_READLINKAT 332

struct portlog_dirent;
struct portlog_stat;
struct portlog_statfs;

long syscall(long number, ...);
int openat(int folder, const char *path, int flags, ...);
int fstatat(int folder, const char *path, struct portlog_stat *stat, int flags);
int statfs(const char *path, struct portlog_statfs *statfs);
struct portlog_dirent *readdir(void *folder);

HIDDEN int openat64(int folder, const char *path, int flags, ...) {
    /* The mode is there or not, as the flags say; where it is not, nobody reads it. */
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return openat(folder, path, flags, mode);
}

HIDDEN int fstatat64(int folder, const char *path, struct portlog_stat *stat, int flags) {
    return fstatat(folder, path, stat, flags);
}

HIDDEN int statfs64(const char *path, struct portlog_statfs *buffer) {
    return statfs(path, buffer);
}

HIDDEN struct portlog_dirent *readdir64(void *folder) {
    return readdir(folder);
}

HIDDEN int readlinkat(int folder, const char *path, char *buffer, size_t size) {
    return (int)syscall(NR_READLINKAT, folder, path, buffer, size);
}
