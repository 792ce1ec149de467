//! `portlog log report`: what the page says, that hostile files stay harmless, and how it looks in a real
//! browser.
//!
//! The tests in a browser run where `PORTLOG_CHROMIUM` names one, as `cargo xtask test --only report`
//! does; elsewhere they say that they were left out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by a panic, and says what it left out"
)]

mod browser;
mod dom;
mod golden;
mod hostile;
mod logs;
mod looks;
#[path = "../reproducible/mod.rs"]
mod reproducible;
