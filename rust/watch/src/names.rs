//! Names for addresses, as the engine asks for them.

use std::net::IpAddr;

use portlog_model::SeenName;

/// Knows names for addresses.
pub trait Names {
    /// Names for `address`, in a fixed order. Answers of [`NameSource::Tap`] are of this boot (they
    /// are compared by the time since boot); of [`NameSource::Pinned`] ones only the wall's time is
    /// looked at.
    ///
    /// [`NameSource::Tap`]: portlog_model::NameSource::Tap
    /// [`NameSource::Pinned`]: portlog_model::NameSource::Pinned
    fn names_of(&self, address: IpAddr) -> &[SeenName];
}

/// Knows no names.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn names_of(&self, _address: IpAddr) -> &[SeenName] {
        &[]
    }
}
