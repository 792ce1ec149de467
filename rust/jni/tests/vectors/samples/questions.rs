//! What Kotlin writes.

use portlog::asked::{AskedConfig, AskedSettings, CountedBytes, PackageFacts, PackageFeed};
use portlog_agent::session::{
    BoardQuery, HistoryQuery, ListChange, ListPermission, ListenerChoice, MuteView, Note, NoteKind,
    OwnerChoice, PracticeStep, Sort,
};
use portlog_model::{Category, Protocol};

use super::all_told_kinds;
use crate::{Sample, sample};

/// What Kotlin writes and Rust reads.
pub(crate) fn questions() -> Vec<Sample> {
    [
        choices(),
        queries(),
        changes(),
        super::log::questions(),
        super::reach::questions(),
        super::tap::questions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn choices() -> Vec<Sample> {
    vec![
        sample(
            "owner-choices",
            vec![OwnerChoice::All, OwnerChoice::Firmware, OwnerChoice::Apps],
        ),
        sample(
            "listener-choices",
            vec![
                ListenerChoice::Shown,
                ListenerChoice::Hidden,
                ListenerChoice::Only,
            ],
        ),
        sample(
            "sorts",
            vec![Sort::FirmwareFirst, Sort::Newest, Sort::Owner, Sort::Remote],
        ),
        sample(
            "list-permissions",
            vec![
                ListPermission::NotNeeded,
                ListPermission::Granted,
                ListPermission::Denied,
            ],
        ),
    ]
}

fn queries() -> Vec<Sample> {
    vec![
        sample("board-query-default", BoardQuery::default()),
        sample(
            "board-query",
            BoardQuery {
                text: "例 😀\0".to_owned(),
                owners: OwnerChoice::Apps,
                alerts_only: true,
                protocol: Some(Protocol::Icmp),
                listeners: ListenerChoice::Only,
                owner_key: Some("10087".to_owned()),
                sort: Sort::Remote,
                limit: 50,
            },
        ),
        sample(
            "history-query",
            HistoryQuery {
                kinds: all_told_kinds(),
                text: "a".to_owned(),
                owner_key: Some(String::new()),
                before: u64::MAX,
                limit: 500,
            },
        ),
        sample(
            "history-query-default",
            HistoryQuery {
                limit: 100,
                ..HistoryQuery::default()
            },
        ),
    ]
}

fn changes() -> Vec<Sample> {
    vec![
        sample("package-feed", package_feed()),
        sample(
            "counters",
            vec![CountedBytes {
                uid: 10_087,
                received: 1,
                sent: 1 << 40,
            }],
        ),
        sample("list-changes", list_changes()),
        sample(
            "mute-rules",
            vec![
                MuteView::Owner("1000".to_owned()),
                MuteView::Entry("||tracker.test^".to_owned()),
                MuteView::Remote("2001:db8::7".to_owned()),
            ],
        ),
        sample(
            "practice-steps",
            vec![
                PracticeStep::Look,
                PracticeStep::Begin,
                PracticeStep::Notified(true),
                PracticeStep::Confirmed(false),
            ],
        ),
        sample(
            "notes",
            [
                NoteKind::Death(-3),
                NoteKind::StartMissed,
                NoteKind::StartedBy,
            ]
            .map(|kind| Note {
                at: 1_700_000_000_000,
                kind,
                detail: "boot".to_owned(),
            })
            .to_vec(),
        ),
        sample(
            "config",
            AskedConfig {
                state_folder: "/data/user_de/0/org.portlog/files".to_owned(),
                proc_root: "/proc".to_owned(),
                sdk: 19,
                settings: AskedSettings {
                    language: "zh-Hant".to_owned(),
                    utc_offset_seconds: -12_600,
                    scope_all: true,
                    interval_millis: 1_000,
                    idle_interval_millis: 5_000,
                },
                log: Some(super::log::config()),
            },
        ),
    ]
}

fn package_feed() -> PackageFeed {
    PackageFeed {
        permission: ListPermission::Granted,
        packages: vec![
            PackageFacts {
                name: "com.example.sync".to_owned(),
                uid: 10_087,
                system: true,
                updated_system: true,
                source_path: Some("/data/app/com.example.sync-1/base.apk".to_owned()),
                factory_path: Some("/system/app/Sync".to_owned()),
                version: Some("1.0".to_owned()),
                label: Some("同步".to_owned()),
                signers: vec!["ab01".to_owned(), "cd02".to_owned()],
                installer_known: true,
                installer: Some("com.example.store".to_owned()),
                launcher_entry: Some(false),
                first_install: Some(1_400_000_000_000),
            },
            PackageFacts {
                name: "android".to_owned(),
                uid: 1_000,
                system: false,
                updated_system: false,
                source_path: None,
                factory_path: None,
                version: None,
                label: None,
                signers: Vec::new(),
                installer_known: false,
                installer: None,
                launcher_entry: None,
                first_install: None,
            },
        ],
    }
}

fn list_changes() -> Vec<ListChange> {
    vec![
        ListChange::Look,
        ListChange::Import {
            name: "Mine".to_owned(),
            category: Some(Category::Reported),
            path: "/a".to_owned(),
        },
        ListChange::Import {
            name: String::new(),
            category: None,
            path: "/b".to_owned(),
        },
        ListChange::Replace {
            id: 1,
            path: "/c".to_owned(),
        },
        ListChange::Enable {
            id: 2,
            enabled: true,
        },
        ListChange::Categorise {
            id: 3,
            category: Category::VendorService,
        },
        ListChange::Remove { id: 4 },
    ]
}
