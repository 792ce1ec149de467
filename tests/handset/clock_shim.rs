//! A clock on the wall that can be set, for one process: a library that stands between a program
//! and the C library's `clock_gettime` (`LD_PRELOAD`).
//!
//! The kernel has namespaces for the time since boot and none for the time on the wall, and a test
//! must not set the clock of the machine that it runs on. Built by the test itself with `rustc`, as
//! a library of its own; a file named by `PORTLOG_TEST_CLOCK` holds the seconds by which the clock
//! is off, and may be written to at any time.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

/// `struct timespec`.
#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanoseconds: c_long,
}

type ClockGettime = unsafe extern "C" fn(c_int, *mut Timespec) -> c_int;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// The next definition after this library's (`<dlfcn.h>`).
const RTLD_NEXT: *mut c_void = usize::MAX as *mut c_void;
const CLOCK_REALTIME: c_int = 0;

static REAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// The C library's, but for the clock on the wall.
///
/// # Safety
///
/// As for the C library's: `time` must be valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    let mut real = REAL.load(Ordering::Relaxed);
    if real.is_null() {
        // SAFETY: the symbol's name is a C string, and the handle is one that dlsym documents.
        real = unsafe { dlsym(RTLD_NEXT, c"clock_gettime".as_ptr()) };
        REAL.store(real, Ordering::Relaxed);
    }
    // SAFETY: the C library's function of this name has this type.
    let real: ClockGettime = unsafe { std::mem::transmute(real) };
    // SAFETY: the caller's promise.
    let status = unsafe { real(clock, time) };
    if clock == CLOCK_REALTIME && status == 0 {
        // SAFETY: the call above has written it.
        unsafe { (*time).seconds += seconds_off() };
    }
    status
}

fn seconds_off() -> i64 {
    std::env::var_os("PORTLOG_TEST_CLOCK")
        .and_then(|file| std::fs::read_to_string(file).ok())
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}
