//! The journal from the outside: logs that grow, bundles that verify, and everything that must not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod attacks;
mod bits;
mod bundles;
mod compare;
mod disk;
mod forgeries;
mod forks;
mod independent;
mod limits;
mod presets;
mod stores;
mod support;
mod vectors;
mod witnesses;
