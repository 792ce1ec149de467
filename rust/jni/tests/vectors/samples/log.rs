//! What is asked and told of the signed log.

use portlog::asked::AskedLog;
use portlog_agent::session::{
    BeforeReset, CheckpointView, DataKey, DeviceFeed, Exported, FoundFile, Keeping, KindCount,
    LogAnswer, LogKind, LogPage, LogQuery, LogRequest, LogRow, LogStatus, MarkView, Outcome,
    QrCode, ResetCheck, ShareChoice, SharePreset, SharePreview, Verdict, WitnessedLine, Witnessing,
};

use crate::{Sample, sample};

/// What Rust writes and Kotlin reads.
pub(super) fn answers() -> Vec<Sample> {
    vec![
        sample("log-kinds", LogKind::ALL.to_vec()),
        sample(
            "keepings",
            vec![Keeping::Writing, Keeping::Failing, Keeping::Off],
        ),
        sample(
            "found-files",
            vec![
                FoundFile::Bundle,
                FoundFile::OwnCheckpoint,
                FoundFile::Checkpoint,
                FoundFile::Answer,
                FoundFile::Nothing,
            ],
        ),
        sample("log-status", LogAnswer::Status(status())),
        sample("log-status-none", LogAnswer::Status(status_none())),
        sample(
            "log-page",
            LogAnswer::Page(LogPage {
                rows: vec![row(), row_bare()],
                next: Some(7),
                size: 9,
            }),
        ),
        sample(
            "outcome",
            LogAnswer::Outcome(Outcome {
                done: true,
                text: "The mark is in the signed log.".to_owned(),
                index: Some(8),
            }),
        ),
        sample("share-preview", LogAnswer::Preview(preview())),
        sample(
            "exported",
            LogAnswer::Exported(Exported {
                done: true,
                text: "3 of 9".to_owned(),
                path: "/data/x.portlog.txt".to_owned(),
                shown: 3,
                size: 9,
                bytes: 2_684,
                sha256: "00ff".to_owned(),
            }),
        ),
        sample(
            "checkpoint",
            LogAnswer::Checkpoint(CheckpointView {
                text: "portlog/log/00ff\n9\nAAAA\n".to_owned(),
                code: Some(code()),
                size: 9,
                explanation: "Whoever keeps this".to_owned(),
            }),
        ),
        sample(
            "witnessing",
            LogAnswer::Witnessing(Witnessing {
                signed: true,
                lines: vec!["Signed".to_owned()],
                answer: "portlog/answer@v1\n".to_owned(),
                code: None,
                verdict: verdict(),
            }),
        ),
        sample("verdict", LogAnswer::Verdict(verdict())),
        sample(
            "before-reset",
            LogAnswer::BeforeReset(BeforeReset {
                ready: false,
                checks: vec![ResetCheck {
                    done: true,
                    title: "Saved".to_owned(),
                    text: "as you say".to_owned(),
                }],
            }),
        ),
    ]
}

/// What Kotlin writes and Rust reads.
pub(super) fn questions() -> Vec<Sample> {
    let choice = ShareChoice {
        preset: SharePreset::Everything,
        since: Some(1),
        until: Some(-2),
        redact: vec!["remote".to_owned(), "owner".to_owned()],
        with_local: true,
    };
    let marks = vec![
        MarkView::Words("第二部 📱".to_owned()),
        MarkView::SimIn,
        MarkView::ContactSaved,
        MarkView::MessageSent,
        MarkView::ServiceOff,
        MarkView::Update,
        MarkView::SignIn,
    ];
    let mut requests: Vec<LogRequest> = marks.into_iter().map(LogRequest::Mark).collect();
    requests.extend([
        LogRequest::Status,
        LogRequest::Page(LogQuery::default()),
        LogRequest::Page(LogQuery {
            kinds: vec![LogKind::Mark, LogKind::Prune],
            text: "sync".to_owned(),
            before: Some(u64::MAX),
            limit: 50,
        }),
        LogRequest::Preview(ShareChoice::default()),
        LogRequest::Export {
            choice,
            path: "/a".to_owned(),
        },
        LogRequest::Saved,
        LogRequest::Checkpoint,
        LogRequest::Answer("portlog/answer@v1\n".to_owned()),
        LogRequest::Witness {
            path: "/b".to_owned(),
            name: "Anna".to_owned(),
        },
        LogRequest::Verify("/c".to_owned()),
        LogRequest::Predecessor("portlog/log/00ff\n".to_owned()),
        LogRequest::Record { everyone: true },
        LogRequest::BeforeReset,
        LogRequest::PasswordsKnown(true),
        LogRequest::Erase { key: None },
        LogRequest::Erase {
            key: Some(DataKey::new(std::array::from_fn(|at| {
                u8::try_from(at).unwrap()
            }))),
        },
        LogRequest::HeldByTwo(false),
        LogRequest::Keep(true),
        LogRequest::Device(device()),
    ]);
    vec![
        sample(
            "share-presets",
            vec![
                SharePreset::Alerts,
                SharePreset::Firmware,
                SharePreset::Everything,
            ],
        ),
        sample("log-requests", requests),
        sample(
            "log-config-bare",
            AskedLog {
                data_key: None,
                device: DeviceFeed::default(),
            },
        ),
    ]
}

/// In the configuration.
pub(super) fn config() -> AskedLog {
    AskedLog {
        data_key: Some((0..32).collect()),
        device: device(),
    }
}

fn device() -> DeviceFeed {
    DeviceFeed {
        model: Some("Example One".to_owned()),
        fingerprint: Some("example/one/one:4.4.4/X/1:user/release-keys".to_owned()),
        tags: Some("release-keys".to_owned()),
        security_patch: Some("2016-01-01".to_owned()),
        baseband: Some("base 1".to_owned()),
        verified_boot: Some("green".to_owned()),
        bootloader: Some("locked".to_owned()),
        selinux: Some("enforcing".to_owned()),
        adb: Some(true),
        apk_signer: Some("ab".repeat(32)),
    }
}

fn status() -> LogStatus {
    LogStatus {
        keeping: Keeping::Failing,
        keeping_text: "not written".to_owned(),
        failing_since: Some(1_700_000_000_000),
        origin: "portlog/log/00ff".to_owned(),
        key: "portlog/log/00ff+00112233+AQ==".to_owned(),
        size: 9,
        epochs: 2,
        bytes: 1 << 40,
        first: Some(1),
        last: Some(2),
        size_text: "9 entries".to_owned(),
        pruned_below: Some(3),
        pruned_text: "pruned".to_owned(),
        everyone: true,
        recorded_text: "everyone's".to_owned(),
        witnessed: Some(WitnessedLine {
            name: "anna".to_owned(),
            at: 5,
            size: 6,
            since: 3,
        }),
        witnessed_text: "by anna".to_owned(),
        witness_due: true,
        exported: Some(4),
        exported_text: "on a day".to_owned(),
        predecessor_text: "continues".to_owned(),
    }
}

fn status_none() -> LogStatus {
    LogStatus {
        keeping: Keeping::Off,
        keeping_text: String::new(),
        failing_since: None,
        origin: String::new(),
        key: String::new(),
        size: 0,
        epochs: 0,
        bytes: 0,
        first: None,
        last: None,
        size_text: String::new(),
        pruned_below: None,
        pruned_text: String::new(),
        everyone: false,
        recorded_text: String::new(),
        witnessed: None,
        witnessed_text: String::new(),
        witness_due: false,
        exported: None,
        exported_text: String::new(),
        predecessor_text: String::new(),
    }
}

fn row() -> LogRow {
    LogRow {
        index: 8,
        at: Some(1_700_000_000_000),
        kind: LogKind::Alert,
        kind_text: "Alert".to_owned(),
        text: "match · com.example.sync · 203.0.113.7:443".to_owned(),
    }
}

fn row_bare() -> LogRow {
    LogRow {
        index: 0,
        at: None,
        kind: LogKind::Epoch,
        kind_text: String::new(),
        text: String::new(),
    }
}

fn preview() -> SharePreview {
    SharePreview {
        first_lines: vec!["Unchanged".to_owned(), "This".to_owned()],
        first_lines_text: vec!["未改".to_owned()],
        shown: 3,
        size: 9,
        kinds: vec![KindCount {
            kind: LogKind::Mark,
            text: "Mark".to_owned(),
            count: 2,
        }],
        owners: vec!["com.example.sync".to_owned()],
        more_owners: 1,
        hosts: vec!["host.test".to_owned()],
        more_hosts: 2,
        withheld: vec!["local".to_owned()],
        warnings: vec!["marks".to_owned()],
        bytes: 2_684,
        problem: String::new(),
    }
}

fn code() -> QrCode {
    QrCode {
        side: 2,
        modules: vec![true, false, false, true],
    }
}

fn verdict() -> Verdict {
    Verdict {
        found: FoundFile::Bundle,
        unchanged: true,
        first_lines: vec!["Unchanged".to_owned()],
        lines: vec!["未改".to_owned()],
        level: "L3".to_owned(),
        details: vec!["seen".to_owned(), "watched".to_owned()],
        origin: "portlog/log/00ff".to_owned(),
        shown: 3,
        size: 9,
        rows: vec![row()],
    }
}
