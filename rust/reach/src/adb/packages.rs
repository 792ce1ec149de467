//! The phone's packages, put together from what its versions of Android can say.
//!
//! `dumpsys package packages` knows most: place, flags, certificates, who installed it and when. It
//! is slow on an old phone and long on a new one, so it is asked for once in a session; after that
//! `cmd package list packages -f -U` (Android 7 and later) tells which packages came and went. Old
//! phones have the former alone.

use std::collections::{BTreeMap, BTreeSet};

use portlog_model::{PackageName, Uid, UserId};
use portlog_owners::{Doubt, PackageEntry, PackageFlags, PackageList};

use super::frames::Section;

/// What is known of the phone's packages.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// What `dumpsys package` said.
    full: Vec<PackageEntry>,
    /// The phone has `cmd package`.
    can_list: Option<bool>,
    known: BTreeSet<u32>,
}

impl Packages {
    /// What is asked for the first time.
    pub(super) const FIRST: [&'static str; 5] = ["dump", "list", "system", "home", "users"];
    /// What is asked for when a package may have come.
    pub(super) const AGAIN: [&'static str; 3] = ["list", "system", "home"];

    /// What to ask for after that.
    pub(super) fn words_again(&self) -> &'static [&'static str] {
        match self.can_list {
            Some(false) => &["dump"],
            Some(true) | None => &Self::AGAIN,
        }
    }

    /// Whether asking again is slow on this phone.
    pub(super) fn is_slow(&self) -> bool {
        self.can_list == Some(false)
    }

    /// Whether an app's UID has no package in what is known.
    pub(super) fn lacks(&self, uid: Uid) -> bool {
        let app = uid.app_id().get();
        (10_000..20_000).contains(&app) && !self.known.contains(&app)
    }

    /// The list that `sections` make.
    pub(super) fn read(&mut self, sections: &[Section]) -> PackageList {
        let find = |word: &str| sections.iter().find(|section| section.word == word);
        let parsed = |word| {
            find(word)
                .map(|section| PackageList::parse(&section.text))
                .filter(|list: &PackageList| !list.entries().is_empty())
        };
        let dumped = parsed("dump");
        if let Some(list) = &dumped {
            self.full = list.entries().to_vec();
        }
        let listed = parsed("list");
        if find("list").is_some() {
            self.can_list = Some(listed.is_some());
        }
        let list = match (listed, dumped) {
            (Some(listed), _) if is_damaged(&listed) => listed,
            (Some(listed), _) => {
                let system = find("system").and_then(Section::done).map(names);
                let home = find("home").and_then(Section::done).map(launchers);
                let entries = self.richer(listed.entries(), system.as_ref(), home.as_ref());
                PackageList::from_entries(entries)
            }
            (None, Some(dumped)) => dumped,
            // Neither is a list: what was said instead tells whether the phone refused.
            (None, None) => {
                let said = find("dump").or_else(|| find("list"));
                PackageList::parse(said.map_or(&[], |section| &section.text))
            }
        };
        let apps = list.entries().iter().map(|entry| entry.uid.app_id().get());
        self.known = apps.collect();
        list
    }

    /// The listed packages with all that is known of them. A package that was updated since
    /// `dumpsys package` has another place and no other facts.
    fn richer(
        &self,
        listed: &[PackageEntry],
        system: Option<&BTreeSet<PackageName>>,
        home: Option<&BTreeSet<PackageName>>,
    ) -> Vec<PackageEntry> {
        let full: BTreeMap<&PackageName, &PackageEntry> = self
            .full
            .iter()
            .map(|entry| (&entry.package, entry))
            .collect();
        listed
            .iter()
            .map(|entry| {
                let same = full.get(&entry.package).copied();
                let same = same.filter(|full| full.uid.app_id() == entry.uid.app_id());
                let mut richer = match same {
                    Some(full) => PackageEntry {
                        uid: entry.uid,
                        source_path: entry.source_path.clone().or(full.source_path.clone()),
                        ..full.clone()
                    },
                    None => entry.clone(),
                };
                if richer.flags.is_none()
                    && let Some(system) = system
                {
                    let is_system = system.contains(&entry.package);
                    let in_data = entry
                        .source_path
                        .as_deref()
                        .is_some_and(|path| path.starts_with("/data/"));
                    richer.flags = Some(PackageFlags {
                        system: is_system,
                        updated_system: is_system && in_data,
                    });
                }
                if let Some(home) = home {
                    richer.launcher_entry = Some(home.contains(&entry.package));
                }
                richer
            })
            .collect()
    }
}

/// The Android users that `pm list users` names: `UserInfo{10:Work:30} running`.
pub(super) fn users(text: &[u8]) -> Vec<UserId> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| {
            let (_, info) = line.split_once("UserInfo{")?;
            let (id, _) = info.split_once(':')?;
            id.parse().ok().map(UserId::new)
        })
        .take(100)
        .collect()
}

fn is_damaged(list: &PackageList) -> bool {
    matches!(
        list.doubt(),
        Some(Doubt::Damaged { .. } | Doubt::WithoutUids { .. })
    )
}

/// `package:NAME`, one a line.
fn names(text: &[u8]) -> BTreeSet<PackageName> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| PackageName::new(line.trim().strip_prefix("package:")?).ok())
        .take(PackageList::MAX_ENTRIES)
        .collect()
}

/// `NAME/CLASS`, one a line, between lines of other facts.
fn launchers(text: &[u8]) -> BTreeSet<PackageName> {
    String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| {
            let (name, _) = line.trim().split_once('/')?;
            PackageName::new(name).ok()
        })
        .take(PackageList::MAX_ENTRIES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(word: &str, text: &str, status: i32) -> Section {
        Section {
            word: word.to_owned(),
            text: text.as_bytes().to_vec(),
            status: Some(status),
            truncated: false,
        }
    }

    const LIST: &str = "\
package:/system/framework/framework-res.apk=android uid:1000
package:/system/app/Browser/Browser.apk=com.example.browser uid:10001
package:/data/app/~~x==/com.example.store-y==/base.apk=com.example.store uid:10002
package:/data/app/com.example.game-1/base.apk=com.example.game uid:10003
";
    const DUMP: &str = "\
Packages:
  Package [com.example.store] (1a2b3c):
    userId=10002
    codePath=/data/app/com.example.store-1
    versionName=2.0
    flags=[ SYSTEM UPDATED_SYSTEM_APP HAS_CODE ]
";

    #[test]
    fn what_each_command_knows_is_put_together() {
        let mut packages = Packages::default();
        let list = packages.read(&[
            section("dump", DUMP, 0),
            section("list", LIST, 0),
            section(
                "system",
                "package:android\npackage:com.example.browser\n",
                0,
            ),
            section(
                "home",
                "priority=0 match=0x1\n  com.example.browser/.Main\n",
                0,
            ),
        ]);
        let told: Vec<_> = list
            .entries()
            .iter()
            .map(|entry| {
                let flags = entry.flags.unwrap();
                let name = entry.package.as_str().to_owned();
                (
                    name,
                    flags.system,
                    flags.updated_system,
                    entry.launcher_entry,
                )
            })
            .collect();
        let row =
            |name: &str, system, updated, home| (name.to_owned(), system, updated, Some(home));
        assert_eq!(
            told,
            [
                row("android", true, false, false),
                row("com.example.browser", true, false, true),
                row("com.example.game", false, false, false),
                row("com.example.store", true, true, false),
            ]
        );
        let store = &list.entries()[3];
        assert_eq!(store.version.as_deref(), Some("2.0"));
        assert!(
            store
                .source_path
                .as_deref()
                .unwrap()
                .starts_with("/data/app/~~x")
        );
        assert!(!packages.lacks(Uid::new(1_010_003)));
        assert!(packages.lacks(Uid::new(10_004)));
        assert!(!packages.lacks(Uid::new(1013)));
        assert!(!packages.is_slow());
        assert_eq!(packages.words_again(), Packages::AGAIN);
    }

    #[test]
    fn an_old_phone_has_dumpsys_alone() {
        let mut packages = Packages::default();
        let list = packages.read(&[
            section("dump", DUMP, 0),
            section("list", "/system/bin/sh: cmd: not found\n", 127),
            section("system", "/system/bin/sh: cmd: not found\n", 127),
        ]);
        assert_eq!(list.entries().len(), 1);
        assert!(packages.is_slow());
        assert_eq!(packages.words_again(), ["dump"]);
    }

    #[test]
    fn a_phone_that_refuses_has_a_list_that_is_denied() {
        use portlog_model::CoverageStatus;
        let mut packages = Packages::default();
        let denial = "Permission Denial: can't dump Package from from pid=1, uid=2000\n";
        let list = packages.read(&[section("dump", denial, 0), section("list", "", 127)]);
        assert_eq!(list.coverage().status, CoverageStatus::Denied);
    }

    #[test]
    fn users_are_those_that_the_phone_names() {
        let text =
            b"Users:\n\tUserInfo{0:Owner:13} running\n\tUserInfo{10:Second:10}\n\tUserInfo{x}\n";
        assert_eq!(users(text), [UserId::new(0), UserId::new(10)]);
    }
}
