//! Portlog: watch.
