//! `getprop.txt`: what the phone said of itself, as system properties.

use std::fmt::Write as _;

use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::Kind;

use super::event::MADE_BY;

/// Fields of a device entry, and the property that each is from.
const PROPERTIES: [(&str, &str); 5] = [
    ("model", "ro.product.model"),
    ("fingerprint", "ro.build.fingerprint"),
    ("tags", "ro.build.tags"),
    ("security_patch", "ro.build.version.security_patch"),
    ("baseband", "gsm.version.baseband"),
];

/// What the latest device entry says.
#[derive(Debug, Default)]
pub(super) struct Device(Vec<(&'static str, String)>);

impl Device {
    /// Takes what `entry` says of the phone.
    pub(super) fn read(&mut self, entry: &ShownEntry) {
        if entry.kind() != Kind::Device {
            return;
        }
        self.0 = PROPERTIES
            .iter()
            .filter_map(|(field, property)| Some((*property, entry.value(field)?.to_owned())))
            .collect();
    }

    /// The file. The time zone is not in it, as the log knows none by name: MVT then says times in UTC.
    pub(super) fn text(&self) -> String {
        let mut out = format!("[org.portlog.made_by]: [{MADE_BY}]\n");
        for (property, value) in &self.0 {
            // A value ends at the first `]` for whoever reads this form.
            let value = value.replace(['[', ']'], "_");
            let _ = writeln!(out, "[{property}]: [{value}]");
        }
        out
    }
}
