/* For 32-bit ARM: where the unwind entries of this library lie.
 *
 * Android 4.4 has no dl_iterate_phdr, and its dl_unwind_find_exidx is not to be relied on. A panic
 * unwinds through this library's own frames only, up to the native that was called, and the
 * linker knows where their entries are. The function has a name of its own, which libunwind is compiled to
 * ask for: under the system's name the linker would take the system's. */

#include <stddef.h>
#include <stdint.h>

/* Set by the linker; an entry is two words (ARM IHI 0038, section 6). */
extern const uint32_t __exidx_start[] __attribute__((visibility("hidden")));
extern const uint32_t __exidx_end[] __attribute__((visibility("hidden")));

__attribute__((visibility("hidden"))) uintptr_t portlog_find_exidx(uintptr_t pc, int *count) {
    (void)pc;
    *count = (int)((__exidx_end - __exidx_start) / 2);
    return (uintptr_t)__exidx_start;
}
