/* For 32-bit ARM: where the unwind entries of this library lie.
 *
 * Android 4.4 has no dl_iterate_phdr, and its dl_unwind_find_exidx is not to be relied on. A panic
 * unwinds through this library's own frames only, up to the native that was called, and the
 * linker knows where their entries are. */

#include <stddef.h>
#include <stdint.h>

/* Set by the linker; an entry is two words (ARM IHI 0038, section 6). */
extern const uint32_t __exidx_start[] __attribute__((visibility("hidden")));
extern const uint32_t __exidx_end[] __attribute__((visibility("hidden")));

__attribute__((visibility("hidden"))) uintptr_t dl_unwind_find_exidx(uintptr_t pc, int *count) {
    (void)pc;
    *count = (int)((__exidx_end - __exidx_start) / 2);
    return (uintptr_t)__exidx_start;
}

/* Rust's standard library asks for the loaded objects to name the frames of a backtrace: there are
 * none to name in a stripped library. Weak, for libraries that may have the real one. */
__attribute__((weak, visibility("hidden"))) int dl_iterate_phdr(
    int (*callback)(void *info, size_t size, void *data), void *data) {
    (void)callback;
    (void)data;
    return 0;
}
