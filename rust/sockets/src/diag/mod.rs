//! sock_diag: the kernel's socket tables by netlink, and its events about sockets that are gone.
//!
//! Next to the text tables it gives a cookie, unique for each socket on a running kernel, costs the
//! kernel less than half, and misses fewer rows, since it resumes within one hash bucket. What it
//! does not have (raw sockets on many kernels, ping sockets on all) or may not be asked for comes
//! from the text tables, table by table, and the report says so.

pub mod message;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod destroyed;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod netlink;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod source;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use source::DiagSource;
