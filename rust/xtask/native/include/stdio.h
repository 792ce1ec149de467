/* For compiling libunwind alone: its messages lead nowhere. A phone's app has no terminal, and
 * `stderr` is no symbol of Android's C library before Android 6. */
#ifndef PORTLOG_STDIO_H
#define PORTLOG_STDIO_H

#include <stddef.h>

typedef struct portlog_file FILE;

#define stderr ((FILE *)0)
#define fprintf(...) ((void)0)
#define fflush(stream) ((void)0)
#define fwrite(...) ((size_t)0)

#ifdef __cplusplus
extern "C"
#endif
    int
    snprintf(char *buffer, size_t size, const char *format, ...);

#endif
