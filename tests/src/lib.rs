//! End to end tests of Portlog.
