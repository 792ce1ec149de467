//! Developer commands of Portlog.

fn main() {}
