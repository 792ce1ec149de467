//! Portlog: words.
