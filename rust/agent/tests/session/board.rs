//! What the watch screen shows.

use portlog_agent::session::{
    BoardQuery, ListPermission, ListenerChoice, OwnerChoice, Session, SessionState, Sort, ToldKind,
    UidBytes,
};
use portlog_model::{
    CoverageStatus, Endpoint, Level, Protocol, SocketRow, SocketState, Table, Uid,
};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use crate::support::Step;
use crate::world::{Scripted, everything, feed, import, package, row};

const FIRMWARE: u32 = 10_087;
const APP: u32 = 10_200;

fn world(folder: &Path) -> Scripted {
    let listener = SocketRow::from_kernel(
        Table::Tcp,
        SocketState::Listen,
        Endpoint::from((Ipv4Addr::UNSPECIFIED, 8_080)),
        Endpoint::from((Ipv4Addr::UNSPECIFIED, 0)),
        APP,
        90,
    );
    let udp = SocketRow::from_kernel(
        Table::Udp,
        SocketState::Established,
        Endpoint::from((Ipv4Addr::new(198, 51, 100, 2), 40_100)),
        Endpoint::from((Ipv4Addr::new(203, 0, 113, 53), 53)),
        APP,
        91,
    );
    let first = vec![listener];
    let rows = vec![
        listener,
        udp,
        row(APP, 40_001, "203.0.113.9:443", 1),
        row(FIRMWARE, 40_002, "198.51.100.7:80", 2),
        row(10_999, 40_003, "192.0.2.1:443", 3),
        row(FIRMWARE, 40_004, "192.0.2.77:443", 4),
    ];
    let scripted = Scripted::open(folder, [Step::Rows(first), Step::Rows(rows)]);
    import(&scripted.session, folder, "mine", "192.0.2.77\n");
    scripted
        .session
        .set_packages(feed(vec![
            package("com.example.sync", FIRMWARE, true),
            package("com.example.game", APP, false),
            package("com.example.other", APP + 1, false),
        ]))
        .unwrap();
    scripted.session.start().unwrap();
    scripted.look(3);
    scripted
}

fn remotes(scripted: &Scripted, query: &BoardQuery) -> Vec<String> {
    let board = scripted.session.board(query);
    board
        .connections
        .iter()
        .map(|line| line.remote.clone())
        .collect()
}

#[test]
fn what_lists_speak_of_stands_first_then_firmware_then_unknown_then_apps() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let board = scripted.session.board(&everything());
    let remotes: Vec<&str> = board
        .connections
        .iter()
        .map(|line| line.remote.as_str())
        .collect();
    assert_eq!(
        remotes[..3],
        ["192.0.2.77:443", "198.51.100.7:80", "192.0.2.1:443"]
    );
    assert_eq!(remotes.len(), 6);
    assert_eq!(board.connections[0].level, Some(Level::Match));
    assert_eq!(board.connections[0].owner.name, "com.example.sync");
    assert!(
        board.connections[0]
            .owner
            .kind_text
            .contains("comes with the phone")
    );
    assert_eq!((board.matching, board.total), (6, 6));
    assert!(
        board.watched_text.contains("1 system program"),
        "{}",
        board.watched_text
    );
    assert!(
        board.watched_text.contains("5 destinations"),
        "{}",
        board.watched_text
    );
}

#[test]
fn a_board_shows_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let with = |query: BoardQuery| remotes(&scripted, &query);
    let sorted = |sort| BoardQuery {
        sort,
        ..everything()
    };
    let text = |text: &str| BoardQuery {
        text: text.to_owned(),
        sort: Sort::Remote,
        ..everything()
    };
    assert_eq!(
        with(text("GAME")),
        ["0.0.0.0:0", "203.0.113.9:443", "203.0.113.53:53"]
    );
    assert_eq!(with(text("198.51.100.7")), ["198.51.100.7:80"]);
    assert_eq!(with(text("40003")), ["192.0.2.1:443"]);
    assert_eq!(with(text("nothing has this")), Vec::<String>::new());
    let owners = |owners| BoardQuery {
        owners,
        sort: Sort::Remote,
        ..everything()
    };
    assert_eq!(
        with(owners(OwnerChoice::Firmware)),
        ["192.0.2.1:443", "192.0.2.77:443", "198.51.100.7:80"]
    );
    assert_eq!(with(owners(OwnerChoice::Apps)).len(), 3);
    assert_eq!(
        with(BoardQuery {
            alerts_only: true,
            ..everything()
        }),
        ["192.0.2.77:443"]
    );
    assert_eq!(
        with(BoardQuery {
            protocol: Some(Protocol::Udp),
            ..everything()
        }),
        ["203.0.113.53:53"]
    );
    let listeners = |listeners| BoardQuery {
        listeners,
        ..everything()
    };
    assert_eq!(with(listeners(ListenerChoice::Only)), ["0.0.0.0:0"]);
    assert_eq!(with(listeners(ListenerChoice::Hidden)).len(), 5);
    let key = scripted.session.board(&text("game")).connections[0]
        .owner
        .key
        .clone();
    assert_eq!(
        with(BoardQuery {
            owner_key: Some(key),
            ..everything()
        })
        .len(),
        3
    );
    assert_eq!(
        with(sorted(Sort::Remote)),
        [
            "0.0.0.0:0",
            "192.0.2.1:443",
            "192.0.2.77:443",
            "198.51.100.7:80",
            "203.0.113.9:443",
            "203.0.113.53:53"
        ]
    );
    assert_eq!(with(sorted(Sort::Newest)).last().unwrap(), "0.0.0.0:0");
    assert_eq!(
        with(sorted(Sort::Owner))[5],
        "192.0.2.1:443",
        "u0_a999 is last"
    );
    let limited = scripted.session.board(&BoardQuery {
        limit: 2,
        ..everything()
    });
    assert_eq!((limited.connections.len(), limited.matching), (2, 6));
}

#[test]
fn the_generation_stands_still_while_nothing_changes_and_closed_ones_linger() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let generation = || scripted.session.stats().generation;
    let before = generation();
    scripted.look(3);
    // But for the minute of what was watched.
    assert!(generation() - before <= 1);
    scripted
        .script
        .go_on_with(Step::Rows(vec![row(APP, 40_001, "203.0.113.9:443", 1)]));
    scripted.look(2);
    assert!(generation() > before + 1);
    let board = scripted.session.board(&everything());
    assert!(
        board
            .connections
            .iter()
            .any(|line| line.closed_at.is_some()),
        "{board:#?}"
    );
    assert_eq!(board.total, 1);
    scripted.look(10);
    let board = scripted.session.board(&everything());
    assert_eq!(board.connections.len(), 1, "{board:#?}");
}

#[test]
fn an_owner_is_shown_with_packages_destinations_bytes_and_hours() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    scripted
        .session
        .set_counters(vec![UidBytes {
            uid: Uid::new(FIRMWARE),
            received: 1_200,
            sent: 34,
        }])
        .unwrap();
    let key = scripted.session.board(&everything()).connections[0]
        .owner
        .key
        .clone();
    let owner = scripted.session.owner(&key).unwrap();
    assert_eq!(owner.owner.packages, ["com.example.sync"]);
    assert_eq!(owner.packages.len(), 1);
    assert!(
        owner.packages[0]
            .place
            .contains("/system/app/com.example.sync")
    );
    assert!(
        owner.sentences[0].contains("/system"),
        "{:?}",
        owner.sentences
    );
    let mut remotes: Vec<(&str, u64, Option<Level>)> = owner
        .destinations
        .iter()
        .map(|one| (one.remote.as_str(), one.count, one.level))
        .collect();
    remotes.sort_unstable();
    assert_eq!(
        remotes,
        [
            ("192.0.2.77:443", 1, Some(Level::Match)),
            ("198.51.100.7:80", 1, None)
        ]
    );
    assert_eq!(owner.connections.len(), 2);
    let firsts = owner.destinations.iter().map(|seen| seen.first_seen);
    let lasts = owner.destinations.iter().map(|seen| seen.last_seen);
    assert_eq!(
        (owner.first_seen, owner.last_seen),
        (firsts.min(), lasts.max())
    );
    assert_eq!(owner.bytes, Some((1_200, 34)));
    assert_eq!(owner.timeline.len(), 24);
    assert_eq!(owner.timeline[23].opened, 2);
    assert_eq!(owner.timeline[23].alerts, 1);
    assert!(
        owner.timeline_text.contains("2 connections opened"),
        "{}",
        owner.timeline_text
    );
    assert!(!owner.muted);
    assert_eq!(scripted.session.owner("uid:4711"), None);
    assert_eq!(scripted.session.owner("nonsense"), None);
}

#[test]
fn a_connection_is_shown_with_its_looks_matches_and_history() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = world(folder.path());
    let id = scripted.session.board(&everything()).connections[0].id;
    let connection = scripted.session.connection(id).unwrap();
    assert_eq!(connection.line.remote, "192.0.2.77:443");
    assert!(
        connection.sentences[1].contains("between"),
        "{:?}",
        connection.sentences
    );
    assert_eq!(connection.matches.len(), 1);
    assert_eq!(connection.matches[0].entry, "192.0.2.77");
    assert_eq!(connection.matches[0].list_sha256.len(), 64);
    let kinds: Vec<ToldKind> = connection.history.iter().map(|told| told.kind).collect();
    assert_eq!(
        kinds,
        [ToldKind::Noted, ToldKind::Alert, ToldKind::Opened],
        "its first destination, its alert, and that it opened"
    );
    assert_eq!(scripted.session.connection(4_711), None);
}

#[test]
fn tables_that_may_not_be_read_are_said_to_be_denied() {
    let folder = tempfile::tempdir().unwrap();
    let tree = refusing_tree();
    let session = on_refusing(folder.path(), tree.path(), 33);
    let board = session.board(&everything());
    assert_eq!(board.state, SessionState::Denied);
    for part in ["from Android 10 on", "helper", "from a computer"] {
        let said = board.state_text.to_lowercase();
        assert!(said.contains(&part.to_lowercase()), "{part} in {said}");
    }
    let tcp = board
        .coverage
        .iter()
        .find(|line| line.item == "tcp")
        .unwrap();
    assert_eq!(tcp.status, CoverageStatus::Denied);
    assert!(tcp.text.contains("from Android 10 on"), "{}", tcp.text);
    let stats = session.stats();
    assert_eq!(stats.last_look, None);
    assert!(
        stats.ongoing_title.contains("cannot see"),
        "{}",
        stats.ongoing_title
    );
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(session.stats().watched, 0);
    assert!(session.stats().denied > 0);
}

#[test]
fn the_package_list_is_shown_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let scripted = Scripted::open(folder.path(), [Step::Rows(Vec::new())]);
    scripted.session.start().unwrap();
    scripted.look(1);
    let line = || {
        let board = scripted.session.board(&everything());
        let line = board.coverage.iter().find(|line| line.item == "packages");
        line.cloned().unwrap()
    };
    assert_eq!(line().status, CoverageStatus::Absent);
    let full = || {
        feed(vec![
            package("com.example.game", APP, false),
            package("com.example.other", APP + 1, false),
        ])
    };
    scripted.session.set_packages(full()).unwrap();
    scripted.look(1);
    assert_eq!(line().status, CoverageStatus::Readable, "{:?}", line());
    let mut withheld = full();
    withheld.permission = ListPermission::Denied;
    scripted.session.set_packages(withheld).unwrap();
    scripted.look(1);
    assert_eq!(line().status, CoverageStatus::Untrusted);
    assert!(
        line().text.contains("no permission to see all apps"),
        "{:?}",
        line()
    );
    let mut short = full();
    short.packages.truncate(3);
    scripted.session.set_packages(short).unwrap();
    scripted.look(1);
    assert_eq!(line().status, CoverageStatus::Untrusted);
    assert!(line().text.contains("too short"), "{:?}", line());
}

/// Up to Android 9 there is another reason, for which the helper is no remedy.
#[test]
fn the_helper_is_named_only_where_it_is_what_helps() {
    let tree = refusing_tree();
    for (sdk, helps) in [(28, false), (29, true), (36, true)] {
        let folder = tempfile::tempdir().unwrap();
        let session = on_refusing(folder.path(), tree.path(), sdk);
        let board = session.board(&everything());
        assert_eq!(board.state, SessionState::Denied);
        let said = board.state_text;
        assert_eq!(said.contains("helper"), helps, "{sdk}: {said}");
        assert_eq!(said.contains("try again"), !helps, "{sdk}: {said}");
    }
}

/// A tree whose tables cannot be read: reading a directory fails for root too.
fn refusing_tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        std::fs::create_dir_all(tree.path().join("net").join(table)).unwrap();
    }
    tree
}

/// A session on an Android of `sdk`, after its first look at `tree`.
fn on_refusing(folder: &Path, tree: &Path, sdk: u32) -> Session {
    let mut config = crate::world::live(folder);
    tree.clone_into(&mut config.proc_root);
    config.sdk = sdk;
    let session = Session::open(config).unwrap();
    session.start().unwrap();
    crate::world::wait_for_polls(&session, 1);
    session
}
