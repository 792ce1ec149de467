//! End to end tests of Portlog.

#![forbid(unsafe_code)]
