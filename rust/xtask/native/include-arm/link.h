/* For compiling libunwind for 32-bit ARM alone: what Android's <link.h> declares for finding a
 * function's unwind entries. The function is ours, in exidx.c. */
#ifndef PORTLOG_LINK_H
#define PORTLOG_LINK_H

#include <stdint.h>

typedef uintptr_t _Unwind_Ptr;

#ifdef __cplusplus
extern "C"
#endif
    _Unwind_Ptr
    dl_unwind_find_exidx(_Unwind_Ptr pc, int *count);

#endif
