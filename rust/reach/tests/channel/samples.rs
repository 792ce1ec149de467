//! Frames of every kind, with values that nobody has.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use portlog_model::{
    BootTime, Cookie, CoverageStatus, Endpoint, Inode, Moment, Program, SocketRow, SocketState,
    SourceKind, Table, Tuple, Uid, UserId, WallTime,
};
use portlog_reach::channel::{
    Bye, Chunk, FromHelper, Hello, Listing, LookHead, ToHelper, Trouble, TroubleWith, UidProcesses,
};
use portlog_sockets::counters::UidBytes;
use portlog_sockets::{
    DestroyEvents, Destroyed, Fallback, OwnSocket, SelfCheckVerdict, TableReport,
};

pub(crate) const AT: Moment = Moment {
    wall: WallTime::from_millis(1_777_777_777_777),
    boot: BootTime::from_nanos(3_600_000_000_000),
};

pub(crate) fn end(address: &str, port: u16) -> Endpoint {
    Endpoint::new(address.parse::<IpAddr>().unwrap(), port)
}

pub(crate) fn row(remote: &str, uid: u32, inode: u64) -> SocketRow {
    let local = if remote.contains(':') {
        "2001:db8::2"
    } else {
        "198.51.100.2"
    };
    let table = if remote.contains(':') {
        Table::Tcp6
    } else {
        Table::Tcp
    };
    SocketRow::from_kernel(
        table,
        SocketState::Established,
        end(local, 40_000),
        end(remote, 443),
        uid,
        inode,
    )
}

pub(crate) fn hello() -> Hello {
    Hello {
        boot_id: Arc::from("0a1b2c3d-0000-4000-8000-0123456789ab"),
        uid: Uid::new(2_000),
        pid: 4_321,
        abi: Arc::from("aarch64"),
        version: Arc::from("1.2.3"),
        diag: false,
        started: AT,
    }
}

pub(crate) fn head(number: u64) -> LookHead {
    let mut reports = [TableReport::default(); Table::ALL.len()];
    reports[0].status = CoverageStatus::Readable;
    LookHead {
        number,
        at: AT,
        awake: Duration::from_mins(30),
        dropped: 0,
        unchanged: false,
        own: Vec::new(),
        reports,
    }
}

/// One of each kind, every field in use, with a name for its file of golden bytes.
pub(crate) fn from_helper() -> Vec<(&'static str, FromHelper)> {
    let with_cookie = SocketRow {
        cookie: Cookie::new(0x1122_3344_5566),
        ..row("2001:db8:1::7", 1_010_087, 123_456)
    };
    let closing = SocketRow {
        state: SocketState::TimeWait,
        ..row("203.0.113.7", 0, 0)
    };
    let destroyed = Destroyed {
        tuple: Tuple::from(&with_cookie),
        table: Table::Tcp6,
        cookie: with_cookie.cookie,
        at: AT.boot,
    };
    let program = |name: &str, pid| Program {
        name: Arc::from(name),
        pid,
    };
    vec![
        ("hello", FromHelper::Hello(hello())),
        ("look-begins", FromHelper::LookBegins(Box::new(full_head()))),
        (
            "rows",
            FromHelper::Rows(vec![row("203.0.113.7", 10_087, 42), with_cookie, closing]),
        ),
        ("destroyed", FromHelper::Destroyed(vec![destroyed])),
        (
            "look-ends",
            FromHelper::LookEnds {
                rows: 3,
                destroyed: 1,
            },
        ),
        (
            "listing",
            FromHelper::Listing(Chunk {
                of: Listing::Packages,
                last: true,
                bytes: b"package:/system/app/A.apk=com.example.a uid:10001\n".to_vec(),
            }),
        ),
        (
            "users",
            FromHelper::Users(vec![UserId::FIRST, UserId::new(10)]),
        ),
        (
            "counters",
            FromHelper::Counters {
                rows: vec![UidBytes {
                    uid: Uid::new(10_087),
                    received: 5_000_000_000,
                    sent: 7,
                }],
                last: true,
            },
        ),
        (
            "candidates",
            FromHelper::Candidates(vec![UidProcesses {
                uid: Uid::new(1_000),
                processes: vec![
                    program("system_server", 1_234),
                    program("surfaceflinger", 567),
                ],
            }]),
        ),
        (
            "trouble",
            FromHelper::Trouble(Trouble {
                with: TroubleWith::Counters,
                why: Arc::from("no counters by UID"),
            }),
        ),
        ("bye", FromHelper::Bye(Bye::Updated)),
    ]
}

/// A head in which every field says something.
fn full_head() -> LookHead {
    let own = OwnSocket {
        table: Table::Udp6,
        local: end("::1", 4_000),
        remote: end("::1", 4_000),
        inode: Inode::new(77).unwrap(),
    };
    let mut full = LookHead {
        own: vec![own],
        dropped: 3,
        ..head(9)
    };
    full.reports[1] = TableReport {
        source: SourceKind::Diag,
        status: CoverageStatus::Untrusted,
        errno: Some(13),
        rows: 5,
        doubles: 1,
        bad_rows: 2,
        first_bad_line: Some(4),
        truncated_at: Some(1 << 26),
        without_peer: 3,
        not_tracked: 0,
        fallback: Some(Fallback { errno: Some(-2) }),
        self_check: SelfCheckVerdict::OwnSocketMissing,
        destroy_events: DestroyEvents::Received { overflows: 6 },
    };
    full.reports[2].destroy_events = DestroyEvents::Refused { errno: None };
    full
}

pub(crate) fn to_helper() -> Vec<(&'static str, ToHelper)> {
    vec![
        (
            "app-hello",
            ToHelper::Hello {
                version: Arc::from("1.2.3"),
            },
        ),
        ("pace", ToHelper::Pace(Duration::from_secs(1))),
        ("stop", ToHelper::Stop),
    ]
}
