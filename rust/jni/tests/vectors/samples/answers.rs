//! What Rust writes.

use portlog_agent::session::{
    AlertView, BadLineView, Board, ConnectionDetails, ConnectionLine, CoverageLine, Destination,
    HistoryPage, LinkState, ListLine, MatchLine, MuteLine, MuteView, OwnerDetails, OwnerLine,
    PackageLine, PracticeLinkLine, PracticeReport, SessionState, Stats, TimelineHour, Told,
    ToldKind,
};
use portlog_model::{
    Category, CoverageStatus, Direction, Firmware, Level, OwnerKind, Protocol, SocketState,
};

use super::{all_categories, all_protocols, all_told_kinds};
use crate::{Sample, sample};

/// What Rust writes and Kotlin reads.
pub(crate) fn answers() -> Vec<Sample> {
    [
        choices(),
        screens(),
        details(),
        super::log::answers(),
        super::reach::answers(),
        super::tap::answers(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn choices() -> Vec<Sample> {
    vec![
        sample("levels", vec![Level::Noted, Level::Possible, Level::Match]),
        sample("categories", all_categories()),
        sample("protocols", all_protocols()),
        sample(
            "socket-states",
            vec![
                SocketState::Established,
                SocketState::SynSent,
                SocketState::SynRecv,
                SocketState::FinWait1,
                SocketState::FinWait2,
                SocketState::TimeWait,
                SocketState::Close,
                SocketState::CloseWait,
                SocketState::LastAck,
                SocketState::Listen,
                SocketState::Closing,
                SocketState::NewSynRecv,
                SocketState::BoundInactive,
            ],
        ),
        sample(
            "directions",
            vec![Direction::Out, Direction::In, Direction::Unknown],
        ),
        sample(
            "owner-kinds",
            vec![
                OwnerKind::Kernel,
                OwnerKind::System,
                OwnerKind::Shell,
                OwnerKind::App,
                OwnerKind::Shared,
                OwnerKind::Isolated,
                OwnerKind::Sandbox,
                OwnerKind::Removed,
                OwnerKind::User,
                OwnerKind::Service,
                OwnerKind::Unknown,
            ],
        ),
        sample(
            "firmware",
            vec![
                Firmware::Yes,
                Firmware::No,
                Firmware::Mixed,
                Firmware::Preloaded,
                Firmware::Unknown,
            ],
        ),
        sample(
            "coverage-statuses",
            vec![
                CoverageStatus::Readable,
                CoverageStatus::Denied,
                CoverageStatus::Absent,
                CoverageStatus::Untrusted,
            ],
        ),
        sample(
            "session-states",
            vec![
                SessionState::Stopped,
                SessionState::Starting,
                SessionState::Watching,
                SessionState::Denied,
                SessionState::Failed,
            ],
        ),
        sample("told-kinds", all_told_kinds()),
        sample(
            "link-states",
            vec![LinkState::Waiting, LinkState::Passed, LinkState::Failed],
        ),
    ]
}

fn screens() -> Vec<Sample> {
    vec![
        sample("board", board()),
        sample(
            "board-empty",
            Board {
                generation: 0,
                state: SessionState::Denied,
                state_text: String::new(),
                watched_text: String::new(),
                not_live_text: String::new(),
                coverage: Vec::new(),
                connections: Vec::new(),
                matching: 0,
                total: 0,
            },
        ),
        sample(
            "told",
            vec![
                told(),
                Told {
                    sequence: 0,
                    at: -1,
                    kind: ToldKind::Drop,
                    text: String::new(),
                    owner_key: None,
                    connection: None,
                    alert: None,
                },
            ],
        ),
        sample("alerts", vec![alert(), alert_bare()]),
        sample(
            "history",
            HistoryPage {
                records: vec![told()],
                matching: 2,
                kept: 3,
                since: Some(1_700_000_000_000),
            },
        ),
        sample(
            "history-empty",
            HistoryPage {
                records: Vec::new(),
                matching: 0,
                kept: 0,
                since: None,
            },
        ),
        sample("lists", vec![list_line(), list_line_bare()]),
        sample(
            "practice",
            PracticeReport {
                running: true,
                links: vec![PracticeLinkLine {
                    state: LinkState::Failed,
                    text: "No notification".to_owned(),
                }],
                last_passed: Some(5),
            },
        ),
        sample("stats", stats()),
    ]
}

fn details() -> Vec<Sample> {
    vec![
        sample(
            "owner",
            OwnerDetails {
                owner: owner(),
                sentences: vec!["It lies on /system.".to_owned()],
                packages: vec![PackageLine {
                    name: "com.example.sync".to_owned(),
                    label: "Sync".to_owned(),
                    version: "1.0".to_owned(),
                    place: "/system".to_owned(),
                    signer: "ab".to_owned(),
                    installer: "nobody".to_owned(),
                    first_install: Some(1),
                }],
                destinations: vec![Destination {
                    remote: "203.0.113.7:443".to_owned(),
                    protocol: Protocol::Tcp,
                    first_seen: 1,
                    last_seen: 2,
                    count: 3,
                    level: Some(Level::Noted),
                }],
                connections: vec![connection()],
                first_seen: Some(1),
                last_seen: Some(2),
                bytes: Some((4, 5)),
                timeline: vec![TimelineHour {
                    start: 6,
                    opened: 7,
                    alerts: 8,
                    watched_percent: 200,
                }],
                timeline_text: "Quiet.".to_owned(),
                muted: true,
            },
        ),
        sample(
            "owner-bare",
            OwnerDetails {
                owner: owner_unknown(),
                sentences: Vec::new(),
                packages: Vec::new(),
                destinations: Vec::new(),
                connections: Vec::new(),
                first_seen: None,
                last_seen: None,
                bytes: None,
                timeline: Vec::new(),
                timeline_text: String::new(),
                muted: false,
            },
        ),
        sample(
            "connection",
            ConnectionDetails {
                line: connection(),
                sentences: vec!["It opened.".to_owned()],
                matches: vec![MatchLine {
                    level: Level::Match,
                    list: "Mine".to_owned(),
                    category: Category::Own,
                    entry: "203.0.113.0/24".to_owned(),
                    line: 9,
                    list_date: None,
                    list_sha256: "cd".to_owned(),
                    weakened: vec!["UDP.".to_owned()],
                }],
                history: vec![told()],
            },
        ),
    ]
}

fn board() -> Board {
    Board {
        generation: 1 << 40,
        state: SessionState::Watching,
        state_text: "Watching.".to_owned(),
        watched_text: "41 system programs".to_owned(),
        not_live_text: "NOT OBSERVED LIVE".to_owned(),
        coverage: vec![CoverageLine {
            item: "tcp6".to_owned(),
            status: CoverageStatus::Untrusted,
            text: "tcp6 cannot be trusted".to_owned(),
        }],
        connections: vec![connection(), connection_bare()],
        matching: 2,
        total: u64::MAX,
    }
}

fn connection() -> ConnectionLine {
    ConnectionLine {
        id: 12,
        protocol: Protocol::UdpLite,
        local: "[2001:db8::2]:40213".to_owned(),
        remote: "[2001:db8::7]:80".to_owned(),
        state: SocketState::SynSent,
        direction: Direction::Out,
        listener: false,
        practice: true,
        owner: owner(),
        level: Some(Level::Possible),
        names: vec!["host.test".to_owned(), "other.test".to_owned()],
        first_seen: 1_700_000_000_000,
        closed_at: Some(1_700_000_001_000),
        text: "Sync – é 例 😀\0 tried to connect".to_owned(),
    }
}

fn connection_bare() -> ConnectionLine {
    ConnectionLine {
        id: u64::MAX,
        protocol: Protocol::Tcp,
        local: "0.0.0.0:22".to_owned(),
        remote: "0.0.0.0:0".to_owned(),
        state: SocketState::Listen,
        direction: Direction::Unknown,
        listener: true,
        practice: false,
        owner: owner_unknown(),
        level: None,
        names: Vec::new(),
        first_seen: 0,
        closed_at: None,
        text: String::new(),
    }
}

fn owner() -> OwnerLine {
    OwnerLine {
        key: "1010087".to_owned(),
        uid: Some(1_010_087),
        user: Some(10),
        name: "Sync".to_owned(),
        kind: OwnerKind::Shared,
        firmware: Firmware::Mixed,
        kind_text: "shared by two packages".to_owned(),
        packages: vec!["com.example.sync".to_owned(), "com.example.push".to_owned()],
    }
}

fn owner_unknown() -> OwnerLine {
    OwnerLine {
        key: "-".to_owned(),
        uid: None,
        user: None,
        name: "something".to_owned(),
        kind: OwnerKind::Unknown,
        firmware: Firmware::Unknown,
        kind_text: String::new(),
        packages: Vec::new(),
    }
}

fn alert() -> AlertView {
    AlertView {
        key: "k".to_owned(),
        level: Level::Match,
        sounds: true,
        practice: true,
        muted: true,
        title: "Sync".to_owned(),
        text: "had a connection with".to_owned(),
        body: "Mine, line 9".to_owned(),
        public_text: "New finding".to_owned(),
        owner: owner(),
        remote: "203.0.113.7:443".to_owned(),
        list: "Mine".to_owned(),
        entry: "203.0.113.7".to_owned(),
        category: Some(Category::Threat),
        weakened: vec!["w".to_owned()],
        explanations: vec!["e1".to_owned(), "e2".to_owned()],
        advice: vec!["a".to_owned()],
        candidates: vec!["c".to_owned()],
        first_seen: 1,
        last_seen: 2,
        count: 3,
        bundled: 4,
        connection: Some(12),
    }
}

fn alert_bare() -> AlertView {
    AlertView {
        key: String::new(),
        level: Level::Noted,
        sounds: false,
        practice: false,
        muted: false,
        title: String::new(),
        text: String::new(),
        body: String::new(),
        public_text: String::new(),
        owner: owner_unknown(),
        remote: String::new(),
        list: String::new(),
        entry: String::new(),
        category: None,
        weakened: Vec::new(),
        explanations: Vec::new(),
        advice: Vec::new(),
        candidates: Vec::new(),
        first_seen: 0,
        last_seen: 0,
        count: 0,
        bundled: 0,
        connection: None,
    }
}

fn told() -> Told {
    Told {
        sequence: 7,
        at: 1_700_000_000_001,
        kind: ToldKind::Alert,
        text: "An alert".to_owned(),
        owner_key: Some("1010087".to_owned()),
        connection: Some(connection()),
        alert: Some(alert()),
    }
}

fn list_line() -> ListLine {
    ListLine {
        id: 3,
        name: "Mine".to_owned(),
        category: Category::Own,
        enabled: true,
        rules: 2,
        bad_lines: 1,
        bad: vec![BadLineView {
            line: 5,
            reason: "no address".to_owned(),
        }],
        date: Some(10),
        imported: 11,
        sha256: "ef".to_owned(),
        age_text: "200 days old".to_owned(),
        problem: String::new(),
    }
}

fn list_line_bare() -> ListLine {
    ListLine {
        id: u32::MAX,
        name: String::new(),
        category: Category::Tracker,
        enabled: false,
        rules: 0,
        bad_lines: 0,
        bad: Vec::new(),
        date: None,
        imported: -1,
        sha256: String::new(),
        age_text: String::new(),
        problem: "gone".to_owned(),
    }
}

fn stats() -> Stats {
    Stats {
        generation: 1,
        state: SessionState::Failed,
        state_text: "It failed.".to_owned(),
        since: Some(2),
        last_look: None,
        polls: 3,
        watched: 4,
        asleep: 5,
        denied: 6,
        stopped: 7,
        connections: 8,
        alerts: 9,
        dropped: 10,
        ongoing_title: "Watching".to_owned(),
        ongoing_text: "since noon".to_owned(),
        mutes: [
            MuteView::Owner("1000".to_owned()),
            MuteView::Entry("||tracker.test^".to_owned()),
            MuteView::Remote("2001:db8::7".to_owned()),
        ]
        .map(|rule| MuteLine {
            rule,
            text: "muted".to_owned(),
        })
        .to_vec(),
        version: "0.1.0".to_owned(),
    }
}
