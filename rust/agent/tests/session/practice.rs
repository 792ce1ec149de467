//! The practice alert, link by link.
//!
//! The connection is real, and so is the table in which it is looked for. As an app, the test runs
//! again in a process of an app's UID, which needs root.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portlog_agent::session::LinkState::{Failed, Passed, Waiting};
use portlog_agent::session::{
    BoardQuery, HistoryQuery, LinkState, PracticeReport, PracticeStep, Session, Told, ToldKind,
};

use crate::support::{ManualClock, Step};
use crate::world::{
    PATIENCE, Scripted, everything, feed, fetch, import, live, package, wait_for_polls,
};

const APP: u32 = 10_087;
/// Set in the process that runs as an app.
const AS_APP: &str = "PORTLOG_TEST_AS_APP";

fn states(report: &PracticeReport) -> Vec<LinkState> {
    report.links.iter().map(|link| link.state).collect()
}

/// Looks until the links up to `passed` hold, or one failed.
fn wait(session: &Session, passed: usize) -> PracticeReport {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let report = session.practice(PracticeStep::Look).unwrap();
        let done = states(&report)
            .iter()
            .take(passed)
            .all(|state| *state == Passed);
        if done || states(&report).contains(&Failed) {
            return report;
        }
        assert!(Instant::now() < give_up, "{report:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn practice_connections(session: &Session) -> usize {
    let board = session.board(&BoardQuery::default());
    board
        .connections
        .iter()
        .filter(|line| line.practice && line.closed_at.is_none())
        .count()
}

#[test]
fn every_link_holds_and_nothing_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    session.set_packages(feed(Vec::new())).unwrap();
    // A list of the user's that speaks of the very address is none of the practice's business.
    import(&session, folder.path(), "mine", "127.0.0.1\n");
    session.start().unwrap();
    wait_for_polls(&session, 2);
    let report = session.practice(PracticeStep::Begin).unwrap();
    assert!(report.running);
    let report = wait(&session, 4);
    assert_eq!(
        states(&report),
        [Passed, Passed, Passed, Passed, Waiting, Waiting],
        "{report:#?}"
    );
    assert_eq!(practice_connections(&session), 1);
    let told = fetch(&session, |told| practice_alert(told).is_some());
    let alert = practice_alert(&told).unwrap();
    assert!(alert.practice && alert.sounds, "{alert:#?}");
    assert!(alert.body.starts_with("This is practice"), "{}", alert.body);
    assert!(alert.remote.starts_with("127.0.0.1:"), "{}", alert.remote);
    assert_eq!(alert.list, "Portlog practice");
    let remote = alert.remote.clone();
    let event = told
        .iter()
        .find(|told| told.alert.as_ref().is_some_and(|alert| alert.practice))
        .unwrap();
    assert_eq!(event.sequence, 0, "it is not kept");

    session.practice(PracticeStep::Notified(true)).unwrap();
    let report = session.practice(PracticeStep::Confirmed(true)).unwrap();
    assert_eq!(states(&report), [Passed; 6], "{report:#?}");
    assert!(!report.running);
    let passed = report.last_passed.unwrap();

    // Its sockets are closed, nothing was counted, and that it passed is kept.
    let give_up = Instant::now() + PATIENCE;
    while practice_connections(&session) > 0 {
        assert!(Instant::now() < give_up, "the sockets stay open");
        std::thread::sleep(Duration::from_millis(20));
    }
    // (Other tests of this program use the address too.)
    for kept in session.alerts(true) {
        assert!(!kept.practice && kept.remote != remote, "{kept:#?}");
    }
    let page = session
        .history(&HistoryQuery {
            kinds: vec![ToldKind::Practice],
            limit: 10,
            ..HistoryQuery::default()
        })
        .unwrap();
    assert_eq!(page.records.len(), 1, "{page:#?}");
    assert!(
        page.records[0].text.contains("every link held"),
        "{page:#?}"
    );
    drop(session);
    let session = Session::open(live(folder.path())).unwrap();
    let report = session.practice(PracticeStep::Look).unwrap();
    assert_eq!(report.last_passed, Some(passed));
    assert_eq!(states(&report), [Waiting; 6]);
}

fn practice_alert(told: &[Told]) -> Option<&portlog_agent::session::AlertView> {
    told.iter()
        .filter(|told| told.kind == ToldKind::Alert)
        .filter_map(|told| told.alert.as_ref())
        .find(|alert| alert.practice)
}

#[test]
fn the_links_of_the_front_end_fail_as_it_says() {
    for (steps, failed) in [
        (vec![PracticeStep::Notified(false)], 4),
        (
            vec![PracticeStep::Notified(true), PracticeStep::Confirmed(false)],
            5,
        ),
        // Who answers in the notification before it was reported has it.
        (vec![PracticeStep::Confirmed(false)], 5),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::open(live(folder.path())).unwrap();
        session.start().unwrap();
        // Out of turn an answer counts for nothing.
        let report = session.practice(PracticeStep::Confirmed(true)).unwrap();
        assert_eq!(states(&report)[5], Waiting);
        session.practice(PracticeStep::Begin).unwrap();
        let mut report = wait(&session, 4);
        for step in steps {
            report = session.practice(step).unwrap();
        }
        assert_eq!(states(&report)[failed], Failed, "{report:#?}");
        assert!(!report.running && report.last_passed.is_none());
        assert_eq!(states(&report)[3], Passed);
    }
}

#[test]
fn a_table_that_may_not_be_read_fails_the_first_link_with_that_reason() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tempfile::tempdir().unwrap();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        fs::create_dir_all(tree.path().join("net").join(table)).unwrap();
    }
    let report = practise_in(folder.path(), tree.path());
    assert_eq!(states(&report)[0], Failed, "{report:#?}");
    let text = &report.links[0].text;
    assert!(text.contains("may not be read"), "{text}");
    assert!(states(&report)[1..].iter().all(|state| *state == Waiting));
}

#[test]
fn a_row_that_is_not_there_fails_the_first_link_with_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tempfile::tempdir().unwrap();
    let net = tree.path().join("net");
    fs::create_dir(&net).unwrap();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   \
                      uid  timeout inode\n";
        fs::write(net.join(table), header).unwrap();
    }
    let report = practise_in(folder.path(), tree.path());
    assert_eq!(states(&report)[0], Failed, "{report:#?}");
    let text = &report.links[0].text;
    assert!(text.contains("Looked 3 times"), "{text}");
    assert!(text.contains("readable, 0 rows"), "{text}");
}

fn practise_in(folder: &Path, tree: &Path) -> PracticeReport {
    let mut config = live(folder);
    tree.clone_into(&mut config.proc_root);
    let session = Session::open(config).unwrap();
    session.start().unwrap();
    session.practice(PracticeStep::Begin).unwrap();
    wait(&session, 4)
}

#[test]
fn without_a_watch_the_first_link_fails_at_once_and_a_stop_fails_what_was_not_reached() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(live(folder.path())).unwrap();
    let report = session.practice(PracticeStep::Begin).unwrap();
    assert_eq!(states(&report)[0], Failed, "{report:#?}");
    assert!(report.links[0].text.contains("stopped"), "{report:#?}");

    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(folder.path(), [Step::Rows(Vec::new())]);
    scripted.session.start().unwrap();
    scripted.look(1);
    // The script's rows are not the kernel's: the row never comes.
    scripted.session.practice(PracticeStep::Begin).unwrap();
    assert!(scripted.session.stop());
    let report = scripted.session.practice(PracticeStep::Look).unwrap();
    assert!(!report.running);
    assert_eq!(states(&report)[0], Failed);
}

#[test]
fn a_practice_that_nobody_answers_closes_its_sockets_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let mut config = live(folder.path());
    config.settings.interval = Duration::from_secs(1);
    config.settings.idle_interval = Duration::from_secs(1);
    // Real sockets, and a clock that is moved by hand.
    let session = Session::open_with(config, Arc::clone(&clock) as _, None).unwrap();
    session.start().unwrap();
    wait_for_polls(&session, 1);
    session.practice(PracticeStep::Begin).unwrap();
    let until = |done: &dyn Fn() -> bool| {
        let give_up = Instant::now() + PATIENCE;
        while !done() {
            assert!(Instant::now() < give_up, "not within 20 s");
            clock.advance(Duration::from_secs(1));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(&|| practice_connections(&session) == 1);
    let again = session.practice(PracticeStep::Begin).unwrap();
    assert!(again.running, "one at a time");
    assert_eq!(practice_connections(&session), 1);
    clock.advance(Duration::from_secs(61));
    until(&|| practice_connections(&session) == 0);
    // The answer may still come.
    let report = session.practice(PracticeStep::Look).unwrap();
    assert!(report.running, "{report:#?}");
    session.practice(PracticeStep::Notified(true)).unwrap();
    let report = session.practice(PracticeStep::Confirmed(true)).unwrap();
    assert!(report.last_passed.is_some(), "{report:#?}");
}

#[test]
fn an_app_is_recognised_by_the_package_list_and_else_the_owner_link_fails() {
    if std::env::var_os(AS_APP).is_some() {
        return practise_as_app();
    }
    if !nix::unistd::Uid::effective().is_root() {
        println!("skipped: needs root to become an app's UID");
        return;
    }
    // The program lies where only root may look.
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("session");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for path in [place.path(), program.as_path()] {
        let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, everyone).unwrap();
    }
    let output = Command::new(&program)
        .args([
            "practice::an_app_is_recognised_by_the_package_list_and_else_the_owner_link_fails",
            "--exact",
            "--nocapture",
        ])
        .env(AS_APP, "1")
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .uid(APP)
        .gid(APP)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn practise_as_app() {
    for (listed, owner) in [(true, Passed), (false, Failed)] {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::open(live(folder.path())).unwrap();
        if listed {
            session
                .set_packages(feed(vec![package("org.portlog", APP, false)]))
                .unwrap();
        }
        session.start().unwrap();
        session.practice(PracticeStep::Begin).unwrap();
        let report = wait(&session, 4);
        assert_eq!(states(&report)[0], Passed, "{report:#?}");
        assert_eq!(states(&report)[1], owner, "{report:#?}");
        if listed {
            assert_eq!(states(&report)[3], Passed, "in scope, whoever it is");
            let told = fetch(&session, |told| practice_alert(told).is_some());
            assert!(practice_alert(&told).unwrap().sounds);
            // (Other tests have sockets of this UID, too.)
            let noted = |told: &&Told| told.kind == ToldKind::Noted;
            let of_practice = |told: &Told| told.alert.as_ref().is_some_and(|alert| alert.practice);
            assert!(!told.iter().filter(noted).any(of_practice), "{told:#?}");
        } else {
            assert!(report.links[1].text.contains("list of apps"), "{report:#?}");
        }
        assert!(session.board(&everything()).total > 0);
    }
}
