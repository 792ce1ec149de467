//! The signed log of a session: recorded from scripted rows, exported, checked, witnessed, lost.

mod keeping;
mod recording;
mod sharing;
mod witnessing;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use portlog_agent::session::{
    BeforeReset, CheckpointView, DataKey, DeviceFeed, Exported, FoundFile, HistoryQuery, Keeping,
    ListChange, LogAnswer, LogKind, LogPage, LogQuery, LogRequest, LogStatus, MarkView, MuteView,
    Note, NoteKind, Outcome, PracticeStep, Session, ShareChoice, SharePreset, SharePreview,
    ToldKind, Verdict, Witnessing,
};

use crate::support::{ManualClock, Step};
use crate::world::{PATIENCE, Scripted, feed, import, live, package, phone, row};

const FIRMWARE: u32 = 10_087;
const APP: u32 = 10_200;

macro_rules! asking {
    ($($name:ident -> $answer:ident($type:ty)),+ $(,)?) => {$(
        fn $name(session: &Session, request: LogRequest) -> $type {
            match session.log(&request).unwrap() {
                LogAnswer::$answer(answer) => answer,
                other => panic!("{other:?}"),
            }
        }
    )+};
}

asking! {
    status_after -> Status(LogStatus),
    page_of -> Page(LogPage),
    outcome -> Outcome(Outcome),
    preview_of -> Preview(SharePreview),
    exported -> Exported(Exported),
    checkpoint -> Checkpoint(CheckpointView),
    witnessing -> Witnessing(Witnessing),
    verdict -> Verdict(Verdict),
    checks -> BeforeReset(BeforeReset),
}

fn status(session: &Session) -> LogStatus {
    status_after(session, LogRequest::Status)
}

fn page(session: &Session, query: LogQuery) -> LogPage {
    page_of(session, LogRequest::Page(query))
}

fn all(session: &Session) -> Vec<(LogKind, String)> {
    let query = LogQuery {
        limit: 500,
        ..LogQuery::default()
    };
    let rows = page(session, query).rows;
    rows.into_iter().map(|row| (row.kind, row.text)).collect()
}

fn export(session: &Session, choice: ShareChoice, path: &Path) -> Exported {
    let path = path.to_str().unwrap().to_owned();
    exported(session, LogRequest::Export { choice, path })
}

fn check(session: &Session, path: &Path) -> Verdict {
    verdict(
        session,
        LogRequest::Verify(path.to_str().unwrap().to_owned()),
    )
}

fn witness(session: &Session, path: &Path, name: &str) -> Witnessing {
    let (path, name) = (path.to_str().unwrap().to_owned(), name.to_owned());
    witnessing(session, LogRequest::Witness { path, name })
}

fn open(folder: &Path) -> Scripted {
    open_with(folder, Some(1))
}

fn open_with(folder: &Path, key: Option<u8>) -> Scripted {
    let clock = Arc::new(ManualClock::new());
    Scripted::open_logged(folder, clock, [Step::Rows(Vec::new())], key)
}

/// A watch that has seen a firmware owner's and an app's connection, and raised a match.
fn watched(folder: &Path) -> Scripted {
    watched_with(folder, Some(1))
}

fn watched_with(folder: &Path, key: Option<u8>) -> Scripted {
    let scripted = open_with(folder, key);
    import(&scripted.session, folder, "mine", "192.0.2.77\n");
    let packages = feed(vec![
        package("com.example.sync", FIRMWARE, true),
        package("com.example.game", APP, false),
    ]);
    scripted.session.set_packages(packages).unwrap();
    scripted.session.start().unwrap();
    scripted.look(2);
    scripted.script.go_on_with(Step::Rows(vec![
        row(FIRMWARE, 40_001, "192.0.2.77:443", 1),
        row(APP, 40_002, "203.0.113.9:443", 2),
    ]));
    scripted.look(3);
    scripted
}
