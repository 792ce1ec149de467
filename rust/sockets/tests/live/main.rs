//! The sources and the self-check on real sockets of the kernel that runs here.
//!
//! Tests that need sockets of their own only, or addresses, run in a network namespace; that needs
//! root or user namespaces, and a test that cannot have one says that it was skipped.

#![cfg(target_os = "linux")]

#[cfg(test)]
mod churn;
#[cfg(test)]
mod namespace;
#[cfg(test)]
mod practice;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod self_check;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod steady;
