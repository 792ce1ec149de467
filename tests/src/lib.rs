//! End to end tests of Portlog, and what the tests of several rooms share: an allocator that counts.

#![deny(unsafe_code)]

pub mod allocations;
