//! The command line of Portlog.

fn main() {}
