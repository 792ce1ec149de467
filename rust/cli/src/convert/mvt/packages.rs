//! `packages.json`: the packages that the log names, in the form of androidqf.

use std::collections::BTreeMap;

use portlog_journal::bundle::ShownEntry;
use portlog_journal::entry::{Kind, OwnerText};

use super::event::MADE_BY;
use crate::convert::meaning::Owner;
use crate::json::{Array, Object};

/// Packages of disclosed owners, each with its UID, and whether it comes with the phone.
#[derive(Debug, Default)]
pub(super) struct Packages(BTreeMap<(String, u64), bool>);

impl Packages {
    /// Takes what `entry` says of packages; a later one knows better.
    pub(super) fn read(&mut self, entry: &ShownEntry) {
        if entry.kind() != Kind::Packages {
            return;
        }
        for (_, value) in entry.fields().skip(Kind::Packages.fields().len()) {
            let Some(text) = value.and_then(OwnerText::parse) else {
                continue;
            };
            let owner = Owner {
                entry: entry.index(),
                text,
            };
            for package in owner.packages() {
                let key = (package.to_owned(), text.uid);
                self.0.insert(key, text.firmware == "yes");
            }
        }
    }

    /// The file. What the log does not know has androidqf's word for nothing: no installer, no files.
    /// Whether a package is disabled is left out.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        {
            let mut list = Array::new(&mut out);
            for ((name, uid), is_system) in &self.0 {
                let mut package: Object<'_> = list.object();
                package.string("made_by", MADE_BY);
                package.string("name", name);
                package.number("uid", *uid);
                package.string("installer", "");
                package.bool("system", *is_system);
                drop(package.array("files"));
            }
        }
        out.push(b'\n');
        out
    }
}
