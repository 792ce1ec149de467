//! Sources that bring more than rows.
//!
//! Who reads a phone from elsewhere (another process on it, a desktop) has to bring what the local
//! watch finds beside the tables: who the UIDs are, byte counters, the phone's clock; and it has to
//! say when nothing came. All of it comes in the order in which it became true, with the poll that
//! it belongs to, so that the rows of a poll are judged by the package list that came with them.

use std::fmt;
use std::sync::Arc;

use portlog_model::{Moment, Unreachable, UserId};
use portlog_owners::PackageList;
use portlog_sockets::Source;
use portlog_sockets::counters::UidBytes;

use crate::channel::UidProcesses;

/// A source of rows from elsewhere.
///
/// While nothing can be had, [`Source::poll`] says `Denied` of every table, gives no rows and
/// returns at once; it looks for a way back by itself. It fails only where no way back is possible.
pub trait Remote: Source {
    /// Appends what became known with the latest poll, in order. Called once after each poll, and
    /// before its rows are judged.
    fn news(&mut self, news: &mut Vec<News>);
}

/// What a source from elsewhere tells beside rows.
#[derive(Clone, Debug)]
pub enum News {
    /// The packages of the phone, all of them, in place of those told before.
    Packages(PackageList),
    /// The Android users of the phone, all of them.
    Users(Vec<UserId>),
    /// A reading of the byte counters of every UID that has any, since boot.
    Counters(Vec<UidBytes>),
    /// Processes of some UIDs, in place of those told before of the same: one of them has the UID's
    /// sockets.
    Candidates(Vec<UidProcesses>),
    /// The phone's wall clock is this many milliseconds ahead of the watch's (negative: behind).
    /// Told at the beginning, and when it is another by more than two seconds.
    ClockOffset {
        /// Milliseconds.
        millis: i64,
    },
    /// The phone was started anew: no connection of before is one of now, be it alike.
    Rebooted,
    /// From now on nothing comes.
    Gap {
        /// The last poll that brought rows, where the source knows it on the watch's clock.
        since: Option<Moment>,
        /// Why.
        reason: Unreachable,
    },
    /// Rows come again, with this poll.
    Back,
    /// How the phone is asked, where that is not as on a phone of today; words for a record.
    Dialect(Arc<str>),
    /// What the phone is; told at the beginning, and when it is another than before.
    Device(DeviceFacts),
}

/// What a phone says of itself. Words of the phone, of no more than [`DeviceFacts::MAX_CHARS`]
/// characters each, empty where it says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeviceFacts {
    /// Who says to have made it.
    pub manufacturer: Arc<str>,
    /// The model.
    pub model: Arc<str>,
    /// Android's version, such as `4.4.4`.
    pub android: Arc<str>,
    /// The API level, 0 where it is not known.
    pub sdk: u32,
    /// The build's fingerprint.
    pub build: Arc<str>,
    /// The day of the security patches, on Android 6 and later.
    pub patch: Arc<str>,
    /// The kernel's release.
    pub kernel: Arc<str>,
    /// The build's tags, such as `release-keys`.
    pub tags: Arc<str>,
    /// The baseband's version.
    pub baseband: Arc<str>,
    /// The state of verified boot, such as `green`.
    pub verified_boot: Arc<str>,
    /// Whether the bootloader is locked, in the phone's words.
    pub bootloader: Arc<str>,
    /// What SELinux does: `Enforcing`, `Permissive` or `Disabled`.
    pub selinux: Arc<str>,
    /// The kernel's id of this boot.
    pub boot_id: Option<Arc<str>>,
}

impl DeviceFacts {
    /// What is kept of each word.
    pub const MAX_CHARS: usize = 200;

    /// Takes one of Android's system properties; others than those that are told are left.
    pub(crate) fn take_property(&mut self, name: &str, value: &str) {
        let place = match name {
            "ro.product.manufacturer" => &mut self.manufacturer,
            "ro.product.model" => &mut self.model,
            "ro.build.version.release" => &mut self.android,
            "ro.build.fingerprint" => &mut self.build,
            "ro.build.version.security_patch" => &mut self.patch,
            "ro.build.tags" => &mut self.tags,
            "gsm.version.baseband" => &mut self.baseband,
            "ro.boot.verifiedbootstate" => &mut self.verified_boot,
            "ro.boot.flash.locked" => &mut self.bootloader,
            "ro.build.version.sdk" => {
                self.sdk = value.trim().parse().unwrap_or(0);
                return;
            }
            _ => return,
        };
        *place = word(value);
    }
}

/// A word of a phone's, within [`DeviceFacts::MAX_CHARS`] and without what would move a cursor.
pub(crate) fn word(text: &str) -> Arc<str> {
    text.trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(DeviceFacts::MAX_CHARS)
        .collect::<String>()
        .into()
}

/// `Maker Model, Android 4.4.4 (API 19), build ..., kernel ...`; what is not known is left out.
impl fmt::Display for DeviceFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = [&*self.manufacturer, &*self.model];
        let name: Vec<&str> = name.into_iter().filter(|word| !word.is_empty()).collect();
        match name.as_slice() {
            [] => f.write_str("unknown model")?,
            // Some makers repeat themselves in the model's name.
            [maker, model] if model.starts_with(maker) => f.write_str(model)?,
            words => f.write_str(&words.join(" "))?,
        }
        if !self.android.is_empty() {
            write!(f, ", Android {}", self.android)?;
        }
        if self.sdk > 0 {
            write!(f, " (API {})", self.sdk)?;
        }
        for (what, word) in [
            ("build", &self.build),
            ("patches of", &self.patch),
            ("kernel", &self.kernel),
        ] {
            if !word.is_empty() {
                write!(f, ", {what} {word}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_said_in_one_line_without_what_is_not_known() {
        assert_eq!(DeviceFacts::default().to_string(), "unknown model");
        let facts = DeviceFacts {
            manufacturer: Arc::from("Example"),
            model: Arc::from("Example One"),
            android: Arc::from("4.4.4"),
            sdk: 19,
            kernel: Arc::from("3.4.0"),
            ..DeviceFacts::default()
        };
        let said = "Example One, Android 4.4.4 (API 19), kernel 3.4.0";
        assert_eq!(facts.to_string(), said);
    }
}
