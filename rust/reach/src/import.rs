//! Reports that other programs made, as captures.
