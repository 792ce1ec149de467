//! Portlog: blocklist.
