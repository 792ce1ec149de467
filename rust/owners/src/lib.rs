//! Portlog: owners.
