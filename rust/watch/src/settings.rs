//! What can be chosen about the engine.

use std::ops::RangeInclusive;
use std::time::Duration;

use portlog_model::{Firmware, Level, Owner, Platform};

/// Whose connections raise alerts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// What comes with the phone. On plain Linux the same as [`Scope::All`].
    #[default]
    Firmware,
    /// Everyone.
    All,
}

/// The engine's settings.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// What a UID means here.
    pub platform: Platform,
    /// Whose connections raise alerts.
    pub scope: Scope,
    /// An alert that was told is told again when a new connection recurs after this time.
    pub cool_down: Duration,
    /// Sounding alerts in 24 hours before they are bundled.
    pub sounding_per_day: u32,
    /// Beyond these, one alert sounds for all that were kept silent, at least this long after the
    /// last sound.
    pub bundle_after: Duration,
    /// The lowest level that sounds. It changes what is heard, never what is said.
    pub sounds_from: Level,
    /// Local ports that the kernel hands out by itself (`net.ipv4.ip_local_port_range`).
    pub ephemeral_ports: RangeInclusive<u16>,
}

impl Settings {
    /// The usual settings: 6 h cool-down, six sounding alerts a day, only a match sounds.
    pub const fn new(platform: Platform, scope: Scope) -> Self {
        Self {
            platform,
            scope,
            cool_down: Duration::from_hours(6),
            sounding_per_day: 6,
            bundle_after: Duration::from_hours(6),
            sounds_from: Level::Match,
            ephemeral_ports: 32_768..=60_999,
        }
    }

    /// Whether every owner is in scope: by choice, or because "firmware" means nothing here.
    pub const fn everyone_in_scope(&self) -> bool {
        matches!(self.scope, Scope::All) || matches!(self.platform, Platform::Linux)
    }

    /// Whether `owner` is in scope, or may be: only what is known not to come with the phone is
    /// not.
    pub fn has_in_scope(&self, owner: &Owner) -> bool {
        self.everyone_in_scope() || owner.firmware != Firmware::No
    }
}
