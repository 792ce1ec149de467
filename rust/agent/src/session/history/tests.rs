//! The history's rules and its file.
