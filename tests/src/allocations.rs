//! The system's allocator, with counts of what it is asked for: steady state asks for nothing, which
//! only an allocator can tell.
//!
//! It counts for the whole program, so a test that looks at every thread is alone in its file:
//!
//! ```
//! use portlog_tests::allocations::{Counting, by_all_threads};
//!
//! #[global_allocator]
//! static ALLOCATOR: Counting = Counting;
//!
//! let before = by_all_threads();
//! drop(Box::new(5));
//! assert_eq!(by_all_threads() - before, 1);
//! ```

#![expect(
    unsafe_code,
    reason = "an allocator that counts cannot be written otherwise"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

static BY_ALL_THREADS: AtomicU64 = AtomicU64::new(0);
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST_IN_USE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static BY_THIS_THREAD: Cell<u64> = const { Cell::new(0) };
}

/// How often this thread has asked for memory.
#[must_use]
pub fn by_this_thread() -> u64 {
    BY_THIS_THREAD.get()
}

/// How often the program has asked for memory.
#[must_use]
pub fn by_all_threads() -> u64 {
    BY_ALL_THREADS.load(Ordering::Relaxed)
}

/// Bytes that are in use.
#[must_use]
pub fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

/// The most bytes that were in use at once since [`forget_most`].
#[must_use]
pub fn most_in_use() -> usize {
    MOST_IN_USE.load(Ordering::Relaxed)
}

/// Begins anew with what is in use now.
pub fn forget_most() {
    MOST_IN_USE.store(in_use(), Ordering::Relaxed);
}

/// The allocator, for `#[global_allocator]`.
#[derive(Clone, Copy, Debug)]
pub struct Counting;

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the memory came from `System` by this allocator, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both blocks may exist for a moment.
        count(size);
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as for `dealloc`, and the caller keeps the contract of `realloc`.
        unsafe { System.realloc(memory, layout, size) }
    }
}

fn count(bytes: usize) {
    // Not while a thread ends: its counter is gone then.
    let _ = BY_THIS_THREAD.try_with(|count| count.set(count.get() + 1));
    BY_ALL_THREADS.fetch_add(1, Ordering::Relaxed);
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST_IN_USE.fetch_max(now, Ordering::Relaxed);
}
